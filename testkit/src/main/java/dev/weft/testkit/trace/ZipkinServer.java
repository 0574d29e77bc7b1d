package dev.weft.testkit.trace;

import dev.weft.testkit.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Zipkin's own server as a process, of the jar that a local Maven repository has. */
public final class ZipkinServer implements AutoCloseable {

  private static final String VERSION = "3.6.1";
  private static final int ROUNDS = 1200;
  private static final int PAUSE_MILLIS = 100;

  private final Process process;
  private final int port;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private ZipkinServer(Process process, int port) {
    this.process = process;
    this.port = port;
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end of zipkin"));
  }

  /**
   * Where {@code mvn dependency:get -Dartifact=io.zipkin:zipkin-server:3.6.1:jar:exec
   * -Dtransitive=false} leaves it; empty where it was not fetched.
   */
  public static Optional<Path> jar() {
    String set = System.getProperty("maven.repo.local", "");
    Path repository =
        set.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".m2", "repository")
            : Path.of(set);
    Path jar =
        repository
            .resolve("io/zipkin/zipkin-server")
            .resolve(VERSION)
            .resolve("zipkin-server-" + VERSION + "-exec.jar");
    return Files.isRegularFile(jar) ? Optional.of(jar) : Optional.empty();
  }

  /** Starts one of loopback only and waits until it is well. */
  public static ZipkinServer start(Path folder) throws IOException, InterruptedException {
    int port = FreePorts.next();
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Darmeria.ports[0].address=127.0.0.1",
                "-Darmeria.ports[0].port=" + port,
                "-Darmeria.ports[0].protocols[0]=http",
                "-jar",
                jar().orElseThrow().toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("zipkin.log").toFile());
    builder.environment().put("QUERY_PORT", Integer.toString(port));
    builder.environment().put("SELF_TRACING_ENABLED", "false");
    ZipkinServer server = new ZipkinServer(builder.start(), port);
    for (int i = 0; i < ROUNDS; i++) {
      if (server.process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException("zipkin ended with " + server.process.exitValue());
      }
      if (server.well()) {
        return server;
      }
    }
    server.close();
    throw new IOException("zipkin is not well after two minutes");
  }

  public int port() {
    return port;
  }

  private boolean well() throws InterruptedException {
    try {
      return ask("/health").startsWith("200 ");
    } catch (IOException e) {
      return false;
    }
  }

  /** A page of its API: the status, a blank, the body. */
  public String ask(String path) throws IOException, InterruptedException {
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
            .timeout(Duration.ofSeconds(10))
            .build();
    var answer = client.send(request, BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
