package dev.weft.testkit.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace.
 *
 * @param v4 its address towards the other one
 * @param v6 likewise
 */
public record Pod(String name, String v4, String v6) {

  private static final int LIMIT_SECONDS = 120;

  /** The command line of a program in it. */
  public List<String> line(String... command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
    all.addAll(List.of(command));
    return all;
  }

  /**
   * The same as another user, who may read this build's jars wherever they are, and nothing more.
   */
  public static List<String> as(String user, List<String> command) {
    return as(user, "", command);
  }

  /**
   * The same with more rights.
   *
   * @param rights of capabilities(7), e.g. {@code ,+net_raw}
   */
  public static List<String> as(String user, String rights, List<String> command) {
    String all = "+dac_read_search" + rights;
    List<String> line = new ArrayList<>(List.of("setpriv", "--reuid", user, "--clear-groups"));
    line.addAll(List.of("--inh-caps", all, "--ambient-caps", all));
    line.addAll(command);
    return line;
  }

  /** What a program in it prints, both streams; fails where its exit code is not 0. */
  public String run(String... command) throws IOException {
    return output(line(command).toArray(new String[0]));
  }

  static String output(String... command) throws IOException {
    Path said = Files.createTempFile("weft-pod", ".txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      String text = Files.readString(said, StandardCharsets.UTF_8);
      if (!ended || process.exitValue() != 0) {
        String how = ended ? "exit " + process.exitValue() : "no end in time";
        throw new IOException(String.join(" ", command) + ": " + how + ": " + text.strip());
      }
      return text;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
      Files.delete(said);
    }
  }

  void end() {
    if (!Files.exists(Path.of("/run/netns", name))) {
      return;
    }
    try {
      for (String pid : output("ip", "netns", "pids", name).split("\\s+", -1)) {
        if (!pid.isEmpty()) {
          ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
      }
      output("ip", "netns", "del", name);
    } catch (IOException e) {
      throw new IllegalStateException("namespace " + name + " stays: " + e.getMessage(), e);
    }
  }
}
