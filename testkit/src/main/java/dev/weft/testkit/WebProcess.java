package dev.weft.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A server of somebody else's as a process of a test, with a port of HTTP on loopback. It ends with
 * this JVM at the latest. Any thread.
 */
public final class WebProcess implements AutoCloseable {

  private static final int PAUSE_MILLIS = 100;
  private static final int ROUNDS = 1200; // two minutes
  private static final String WELL = "200 ";

  private final String name;
  private final Process process;
  private final int port;
  private final Path log;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private WebProcess(String name, Process process, int port, Path log) {
    this.name = name;
    this.process = process;
    this.port = port;
    this.log = log;
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end of " + name));
  }

  /**
   * Starts one and waits, for two minutes at most, until a page of it answers with 200.
   *
   * @param name for people
   * @param command that opens {@code port} of loopback; what it prints goes to {@code log}
   * @param ready that page's path
   * @throws IOException where it ends before, or does not come to answer
   */
  public static WebProcess start(
      String name, ProcessBuilder command, int port, Path log, String ready)
      throws IOException, InterruptedException {
    command.redirectErrorStream(true).redirectOutput(log.toFile());
    WebProcess server = new WebProcess(name, command.start(), port, log);
    for (int i = 0; i < ROUNDS; i++) {
      if (server.process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException(name + " ended: " + server.said());
      }
      if (server.answers(ready)) {
        return server;
      }
    }
    server.close();
    throw new IOException(name + " does not answer " + ready + " after two minutes");
  }

  private boolean answers(String path) throws InterruptedException {
    try {
      return got(path).startsWith(WELL);
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Of loopback. */
  public int port() {
    return port;
  }

  /** A page: the status, a blank, the body. */
  public String got(String path) throws IOException, InterruptedException {
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
            .timeout(Duration.ofSeconds(10))
            .build();
    var answer = client.send(request, BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }

  /**
   * The body of a page.
   *
   * @throws IOException where its status is not 200; the message has what it said
   */
  public String page(String path) throws IOException, InterruptedException {
    String said = got(path);
    if (!said.startsWith(WELL)) {
      throw new IOException(name + ": " + path + ": " + said);
    }
    return said.substring(WELL.length());
  }

  /** What it printed so far. */
  public String said() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
