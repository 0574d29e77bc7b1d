package dev.weft.testkit.trace;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.WebProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Zipkin's own server as a process, of the jar that a local Maven repository has. */
public final class ZipkinServer implements AutoCloseable {

  private static final String VERSION = "3.6.1";

  private final WebProcess server;

  private ZipkinServer(WebProcess server) {
    this.server = server;
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
            jar().orElseThrow().toString());
    builder.environment().put("QUERY_PORT", Integer.toString(port));
    builder.environment().put("SELF_TRACING_ENABLED", "false");
    return new ZipkinServer(
        WebProcess.start("zipkin", builder, port, folder.resolve("zipkin.log"), "/health"));
  }

  public int port() {
    return server.port();
  }

  /** A page of its API: the status, a blank, the body. */
  public String ask(String path) throws IOException, InterruptedException {
    return server.got(path);
  }

  @Override
  public void close() {
    server.close();
  }
}
