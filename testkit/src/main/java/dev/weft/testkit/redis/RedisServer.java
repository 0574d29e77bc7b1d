package dev.weft.testkit.redis;

import dev.weft.testkit.FreePorts;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The machine's own {@code redis-server} (Debian: package {@code redis-server}) as a process of a
 * test, on a free port of loopback, without files. It ends with this JVM at the latest.
 */
public final class RedisServer implements AutoCloseable {

  private static final String PROGRAM = "redis-server";
  private static final int ATTEMPTS = 300;
  private static final int PAUSE_MILLIS = 100;

  private final int port;
  private final List<String> settings;
  private Process process;

  private RedisServer(int port, List<String> settings) throws IOException, InterruptedException {
    this.port = port;
    this.settings = settings;
    this.process = launched();
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "end of " + PROGRAM));
  }

  /** Why it cannot be started here; empty when it can. */
  public static Optional<String> missing() {
    boolean there =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
    return there ? Optional.empty() : Optional.of(PROGRAM + " is not installed");
  }

  /**
   * Starts one and waits until it listens.
   *
   * @param settings in addition, e.g. {@code --requirepass}, {@code secret}
   */
  public static RedisServer start(String... settings) throws IOException, InterruptedException {
    return new RedisServer(FreePorts.next(), List.of(settings));
  }

  public int port() {
    return port;
  }

  private Process launched() throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(PROGRAM, "--bind", "127.0.0.1", "--save", ""));
    line.addAll(List.of("--appendonly", "no", "--daemonize", "no"));
    if (!settings.contains("--tls-port")) {
      line.addAll(List.of("--port", Integer.toString(port)));
    }
    settings.forEach(one -> line.add(one.replace("PORT", Integer.toString(port))));
    Process begun =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    for (int i = 0; i < ATTEMPTS && !listens(); i++) {
      if (begun.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException(PROGRAM + " ended with " + begun.exitValue());
      }
    }
    return begun;
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Says a command in words and returns the first line of the answer. */
  public String say(String command) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(ATTEMPTS * PAUSE_MILLIS);
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
      StringBuilder line = new StringBuilder();
      for (int c = socket.getInputStream().read();
          c >= 0 && c != '\n';
          c = socket.getInputStream().read()) {
        line.append((char) c);
      }
      return line.toString().strip();
    }
  }

  /** Lets it stand still as it is; who asks gets no answer. */
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets it go on. */
  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Ends it as {@code kill -9} does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Starts it anew on its port, with nothing in it. */
  public void restart() throws IOException, InterruptedException {
    kill();
    process = launched();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
