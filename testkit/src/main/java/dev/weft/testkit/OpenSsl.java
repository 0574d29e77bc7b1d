package dev.weft.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** OpenSSL's client, which tells of a handshake what Java's do not. */
public final class OpenSsl {

  private static final Path PROGRAM = Path.of("/usr/bin/openssl");
  private static final int PATIENCE_SECONDS = 15;
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";

  private OpenSsl() {}

  /** Whether it is here. */
  public static boolean installed() {
    return Tools.installed(PROGRAM.toString());
  }

  /**
   * A handshake with a port of loopback and one request over HTTP/1.1.
   *
   * @param host the name of both
   * @param flags of {@code openssl s_client}
   * @return all that it has to say, the answer too
   */
  public static String handshake(int port, String host, String... flags)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                PROGRAM.toString(),
                "s_client",
                "-ign_eof",
                "-connect",
                "127.0.0.1:" + port,
                "-servername",
                host));
    command.addAll(List.of(flags));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (OutputStream in = process.getOutputStream();
        InputStream out = process.getInputStream()) {
      in.write(REQUEST.formatted(host).getBytes(StandardCharsets.US_ASCII));
      in.flush();
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return said;
    } finally {
      process.destroyForcibly();
    }
  }
}
