package dev.weft.testkit.kube;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real API server in a network namespace of its own, with a node whose pods run: by {@code
 * testkit/kube/cluster.py}, which tells what it does of a kubelet's work. It ends, pods and all,
 * with this JVM at the latest. Needs root, {@code ip}, {@code iptables} and Python.
 */
public final class Cluster extends KubeApiServer {

  private static final Duration END_WITHIN = Duration.ofSeconds(60);

  private final Process process;
  private final String namespace;
  private final Path pods;

  private Cluster(Process process, Path kubeconfig, String namespace) {
    super(found(), kubeconfig, List.of("ip", "netns", "exec", namespace));
    this.process = process;
    this.namespace = namespace;
    this.pods = kubeconfig.resolveSibling("../pods").normalize();
  }

  /**
   * Starts one.
   *
   * @param images files in OCI's layout by the names that pods give them; this machine's own file
   *     system is {@code host}
   * @param log where it writes what goes wrong
   */
  public static Cluster start(Map<String, Path> images, Path log) throws IOException {
    List<String> line =
        new ArrayList<>(List.of("python3", found().resolve("cluster.py").toString()));
    images.forEach((name, file) -> line.addAll(List.of("--image", name + "=" + file)));
    Process process = new ProcessBuilder(line).redirectError(log.toFile()).start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String told = out.readLine(); // or its end
    if (told == null) {
      process.destroy();
      throw new IOException("no cluster: " + Files.readString(log));
    }
    String[] words = told.split(" ", 2);
    return new Cluster(process, Path.of(words[0]), words[1]);
  }

  /** The command line of a program on the node, where pods and Services are reached. */
  public List<String> line(String... command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(List.of(command));
    return all;
  }

  /** Processes of a pod's containers whose command lines have a word. */
  public static List<ProcessHandle> processes(String pod, String word) throws IOException {
    List<ProcessHandle> found = new ArrayList<>();
    for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
      Path folder = Path.of("/proc", Long.toString(process.pid()));
      if (read(folder.resolve("environ")).contains("HOSTNAME=" + pod + "\0")
          && read(folder.resolve("cmdline")).contains(word)) {
        found.add(process);
      }
    }
    return found;
  }

  /** Empty where the process is gone meanwhile. */
  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  /** What the containers of that name wrote, in all pods whose names begin so. */
  public String logs(String beginning, String container) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> found = Files.list(pods)) {
      for (Path pod : found.sorted().toList()) {
        Path log = pod.resolve(container + ".log");
        if (pod.getFileName().toString().startsWith(beginning) && Files.exists(log)) {
          all.append(Files.readString(log));
        }
      }
    }
    return all.toString();
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close(); // by which it knows
      if (!process.waitFor(END_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("the cluster did not end within " + END_WITHIN);
      }
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroy();
    }
  }
}
