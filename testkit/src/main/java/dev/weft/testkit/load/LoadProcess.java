package dev.weft.testkit.load;

import io.vertx.core.Vertx;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link LoadRun} of GETs in a process of its own, for where this one cannot reach. */
public final class LoadProcess implements AutoCloseable {

  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int END_SECONDS = 40;

  private final Process process;
  private final BufferedReader out;

  /** What came of it; {@code text} tells all. */
  public record Outcome(long sent, long failed, String text) {}

  /**
   * Begins at once.
   *
   * @param where it runs, what is put before its command line
   * @param address IP and port
   */
  public LoadProcess(List<String> where, String address, String authority, int perSecond)
      throws IOException {
    List<String> line = new ArrayList<>(where);
    line.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            LoadProcess.class.getName(),
            address,
            authority,
            Integer.toString(perSecond)));
    process = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    if (out.readLine() == null) {
      throw new IOException("the load did not begin");
    }
  }

  /** Begins no further call, and waits for those under way. */
  public Outcome stop() throws IOException {
    process.getOutputStream().close();
    String told = out.readLine();
    if (told == null) {
      throw new IOException("the load ended before it was told to");
    }
    String[] words = told.split(" ", 3);
    return new Outcome(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The process: begins when it says so, ends when its input does. */
  public static void main(String... arguments) throws Exception {
    SocketAddress server = server(arguments[0]);
    Calls plain = Calls.get(arguments[1], "/");
    Calls calls =
        number -> {
          RequestOptions asked = plain.request(number);
          asked.setServer(server);
          return asked;
        };
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Vertx vertx = Vertx.vertx();
    LoadRun run =
        LoadRun.start(
            vertx, Load.of(server.port(), Integer.parseInt(arguments[2]), LONGEST, calls));
    out.println("begun");
    waitFor(System.in);
    LoadReport report =
        run.stop().toCompletionStage().toCompletableFuture().get(END_SECONDS, TimeUnit.SECONDS);
    out.println(report.sent() + " " + report.failed() + " " + report);
    vertx.close().toCompletionStage().toCompletableFuture().get(END_SECONDS, TimeUnit.SECONDS);
  }

  private static SocketAddress server(String address) {
    int colon = address.lastIndexOf(':');
    return SocketAddress.inetSocketAddress(
        Integer.parseInt(address.substring(colon + 1)), address.substring(0, colon));
  }

  private static void waitFor(InputStream end) throws IOException {
    end.transferTo(OutputStream.nullOutputStream());
  }
}
