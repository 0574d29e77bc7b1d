package dev.weft.testkit.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** A server that answers properly in a process of its own, so that it can be killed. */
public final class FaultProcess implements AutoCloseable {

  private final Process process;
  private final int port;

  /**
   * Starts one on the class path of this process.
   *
   * @param wanted 0 for a free port
   */
  public FaultProcess(int wanted) throws IOException {
    this(wanted, Duration.ZERO);
  }

  /**
   * As the other, but each answer takes such a time.
   *
   * @param wanted 0 for a free port
   */
  public FaultProcess(int wanted, Duration work) throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                FaultProcess.class.getName(),
                Integer.toString(wanted),
                Long.toString(work.toMillis()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      port = Integer.parseInt(out.readLine());
    }
  }

  public int port() {
    return port;
  }

  /** Ends it as {@code kill -9} does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The process: tells its port, and ends with whoever started it. */
  public static void main(String... arguments) throws IOException {
    try (FaultBackend backend = new FaultBackend(Integer.parseInt(arguments[0]), new Ledger())) {
      Duration work = Duration.ofMillis(Long.parseLong(arguments[1]));
      backend.answers(work.isZero() ? Fault.none() : Fault.slow(200, work));
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      out.println(backend.port());
      long none = System.in.transferTo(java.io.OutputStream.nullOutputStream());
      out.println("ended after " + none);
    }
  }
}
