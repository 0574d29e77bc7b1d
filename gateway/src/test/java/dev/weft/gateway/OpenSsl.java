package dev.weft.gateway;

import dev.weft.testkit.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** OpenSSL's client, which tells of a handshake what Java's do not. */
final class OpenSsl {

  private static final Path PROGRAM = Path.of("/usr/bin/openssl");
  private static final int PATIENCE_SECONDS = 15;
  private static final String REQUEST =
      "GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n";

  private OpenSsl() {}

  static boolean installed() {
    return Tools.installed(PROGRAM.toString());
  }

  /** A handshake for {@code shop.test} and one request: all that it has to say. */
  static String handshake(int port, String... flags) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                PROGRAM.toString(),
                "s_client",
                "-ign_eof",
                "-connect",
                "127.0.0.1:" + port,
                "-servername",
                "shop.test"));
    command.addAll(List.of(flags));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (OutputStream in = process.getOutputStream();
        InputStream out = process.getInputStream()) {
      in.write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      in.flush();
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return said;
    } finally {
      process.destroyForcibly();
    }
  }
}
