package dev.weft.testkit.kube;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A real kube-apiserver with etcd and controllers as processes of this machine, by the scripts of
 * {@code testkit/kube}. It ends with this JVM at the latest. Takes about five seconds to start once
 * its programs are built; building them takes minutes and needs Go.
 */
public class KubeApiServer implements AutoCloseable {

  private static final Duration START_WITHIN = Duration.ofMinutes(15); // building included
  private static final Duration COMMAND_WITHIN = Duration.ofMinutes(4); // waiting for pods included

  private static final String TAKEN = "bind: address already in use";
  private static final int OTHER_PORTS = 2; // times

  private final Path scripts;
  private final Path kubeconfig;
  private final List<String> where;

  /**
   * @param where commands run, what is put before each
   */
  KubeApiServer(Path scripts, Path kubeconfig, List<String> where) {
    this.scripts = scripts;
    this.kubeconfig = kubeconfig;
    this.where = List.copyOf(where);
  }

  /** Why it cannot be started here; empty when it can. For {@code @EnabledIf}. */
  public static Optional<String> missing() {
    Optional<Path> scripts = scripts();
    if (scripts.isEmpty()) {
      return Optional.of("testkit/kube is not above the working directory");
    }
    if (runs("bash", "-c", ". '" + scripts.get().resolve("lib.sh") + "'; test -x \"$bin/plane\"")) {
      return Optional.empty();
    }
    return runs("bash", "-c", "command -v go && command -v curl")
        ? Optional.empty()
        : Optional.of("the API server is not built, and bash, go and curl are not all here");
  }

  /** Starts one with ports and a folder of its own; with others, where they are taken by then. */
  public static KubeApiServer start() {
    Path scripts = found();
    for (int left = OTHER_PORTS; ; left--) {
      try {
        return new KubeApiServer(scripts, Path.of(up(scripts)), List.of());
      } catch (IllegalStateException failed) {
        if (left == 0 || !String.valueOf(failed.getMessage()).contains(TAKEN)) {
          throw failed;
        }
      }
    }
  }

  private static String up(Path scripts) {
    String parent = Long.toString(ProcessHandle.current().pid());
    return output(
        START_WITHIN,
        Optional.empty(),
        List.of(scripts.resolve("up.sh").toString(), "--no-crds", "--parent", parent));
  }

  /** Credentials that may do everything. */
  public Path kubeconfig() {
    return kubeconfig;
  }

  /** Runs {@code kubectl} of the same version and gives what it prints; fails when it fails. */
  public String kubectl(String... arguments) {
    List<String> command = new ArrayList<>(where);
    command.addAll(List.of("bash", "-c"));
    command.add(". '" + scripts.resolve("lib.sh") + "'; kubectl \"$@\"");
    command.add("kubectl");
    command.addAll(List.of(arguments));
    return output(COMMAND_WITHIN, Optional.of(kubeconfig), command);
  }

  /** Runs {@code helm} and gives what it prints; fails when it fails. Builds it where it is not. */
  public String helm(String... arguments) {
    List<String> command = new ArrayList<>(where);
    command.addAll(List.of("bash", "-c"));
    command.add(
        ". '"
            + scripts.resolve("lib.sh")
            + "'; [ -x \"$bin/helm\" ] || \"$here/build.sh\" helm >&2; \"$bin/helm\" \"$@\"");
    command.add("helm");
    command.addAll(List.of(arguments));
    return output(START_WITHIN, Optional.of(kubeconfig), command);
  }

  /** Writes token, CA and namespace of a ServiceAccount to {@code folder}, as a pod finds them. */
  public void serviceAccount(String namespace, String name, Path folder) {
    output(
        COMMAND_WITHIN,
        Optional.of(kubeconfig),
        List.of(scripts.resolve("sa.sh").toString(), namespace, name, folder.toString()));
  }

  /** Kills the API server, leaves it dead for a while, starts it again, waits until it answers. */
  public void restart(Duration dead) {
    output(
        COMMAND_WITHIN,
        Optional.empty(),
        List.of(
            scripts.resolve("restart.sh").toString(),
            "--pause",
            Long.toString(dead.toSeconds()),
            kubeconfig.toString()));
  }

  @Override
  public void close() {
    output(
        COMMAND_WITHIN,
        Optional.empty(),
        List.of(scripts.resolve("down.sh").toString(), kubeconfig.toString()));
  }

  static Path found() {
    return scripts().orElseThrow(() -> new IllegalStateException("testkit/kube: missing"));
  }

  private static Optional<Path> scripts() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null) {
      Path scripts = folder.resolve("testkit").resolve("kube");
      if (Files.exists(scripts.resolve("up.sh"))) {
        return Optional.of(scripts);
      }
      folder = folder.getParent();
    }
    return Optional.empty();
  }

  private static boolean runs(String... command) {
    try {
      output(COMMAND_WITHIN, Optional.empty(), List.of(command));
      return true;
    } catch (IllegalStateException | UncheckedIOException failed) {
      return false;
    }
  }

  private static String output(Duration within, Optional<Path> kubeconfig, List<String> command) {
    try {
      Path printed = Files.createTempFile("kube", ".out");
      Path said = Files.createTempFile("kube", ".err");
      try {
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .redirectOutput(printed.toFile())
                .redirectError(said.toFile());
        kubeconfig.ifPresent(file -> builder.environment().put("KUBECONFIG", file.toString()));
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(within.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new IllegalStateException(command + ": not done within " + within);
        }
        if (process.exitValue() != 0) {
          throw new IllegalStateException(
              command + ": " + Files.readString(said, StandardCharsets.UTF_8));
        }
        return Files.readString(printed, StandardCharsets.UTF_8).trim();
      } finally {
        Files.deleteIfExists(printed);
        Files.deleteIfExists(said);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(command + ": interrupted", interrupted);
    }
  }
}
