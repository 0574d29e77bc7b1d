package dev.weft.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One process of the demo, with its log in a file. Ends with the demo. */
final class DemoProcess {

  private static final int LAST_LINES = 8;
  private static final long PATIENCE_SECONDS = 5;
  private static final List<String> FLAGS = // whose variables are meant for the user's own proxies
      List.of(
          "ACCESS_LOG",
          "ADMIN",
          "CA_DIR",
          "CONFIG",
          "CONTROL_ADMIN",
          "HEALTH",
          "IDENTITY",
          "INBOUND",
          "LABELS",
          "LISTEN",
          "METRICS",
          "OUTBOUND",
          "PROFILE",
          "SERVICE_ACCOUNT",
          "STATE_DIR",
          "THREADS",
          "TOKEN_FILE",
          "TRUST_DOMAIN",
          "TTL");

  private final String name;
  private final Path log;
  private final Process process;

  private DemoProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /**
   * @param name for messages and for the log's file
   * @param output where its standard output goes, where that is not its log
   * @throws IOException when it cannot be started
   */
  static DemoProcess start(String name, Path logs, List<String> command, Optional<Path> output)
      throws IOException {
    Path log = logs.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder(command);
    FLAGS.forEach(flag -> builder.environment().remove("WEFT_" + flag));
    builder.environment().put("WEFT_BUILD", "never");
    builder.environment().put("WEFT_DRAIN_WAIT", "0"); // nobody stands before them
    if (output.isPresent()) {
      builder.redirectOutput(output.get().toFile()).redirectError(log.toFile());
    } else {
      builder.redirectErrorStream(true).redirectOutput(log.toFile());
    }
    Process process = builder.start();
    process.getOutputStream().close();
    return new DemoProcess(name, log, process);
  }

  /** Waits until it ended by itself. */
  boolean succeeded(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toSeconds(), TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  String name() {
    return name;
  }

  boolean alive() {
    return process.isAlive();
  }

  /** The last lines of its log, for the message that it did not start. */
  String lastWords() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  /** Without warning, as a crash. */
  void kill() {
    process.destroyForcibly();
  }

  /** As an operator does; see {@link #await}. */
  void terminate() {
    process.destroy();
  }

  /** Waits for its end, and forces it after a while. */
  void await() {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
