package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Callers over HTTP/1.1 who send more than anybody wants, and read only when all is sent. */
@Timeout(120)
final class RefusedUploadsIT extends GatewayFixture {

  private static final int TIMES = 10;
  private static final int PIECES = 200;
  private static final byte[] PIECE = new byte[100_000];
  private static final String CHUNK = Integer.toHexString(PIECE.length) + "\r\n";
  private static final int LONG = 1_000_000; // pieces

  @BeforeEach
  void start() throws Exception {
    int backend = backend(request -> request.response().setStatusCode(409).end());
    gateway(
        rules(
            "{match: [{uri: {prefix: /direct}}], directResponse: {status: 403}}, "
                + "{match: [{uri: {prefix: /early}}], route: [{destination: {host: backend.test}}]}"),
        entry(backend));
  }

  @ParameterizedTest(name = "{0}, chunked: {1}")
  @CsvSource({
    "/direct, 403, false",
    "/direct, 403, true",
    "/early, 409, false",
    "/early, 409, true",
    "/nowhere, 404, false",
    "/nowhere, 404, true"
  })
  void theirAnswerReachesThemAndTheirConnectionEnds(String path, int status, boolean chunked)
      throws Exception {
    for (int i = 0; i < TIMES; i++) {
      try (Socket caller = caller(path, chunked)) {
        OutputStream out = caller.getOutputStream();
        for (int piece = 0; piece < PIECES; piece++) {
          send(out, chunked);
        }
        if (chunked) {
          out.write(ascii("0\r\n\r\n"));
        }

        assertThat(text(caller)).startsWith("http/1.1 " + status + " ");
      }
    }
  }

  /** Where the proxy knows that it cuts the rest off, nobody shall use the connection again. */
  @Test
  void theEndIsAnnouncedWhereItIsKnown() throws Exception {
    try (Socket caller = caller("/nowhere", false)) {
      assertThat(text(caller)).contains("\r\nconnection: close\r\n");
    }
  }

  @Test
  void whoGoesOnForEverIsCutOff() throws Exception {
    try (Socket caller = caller("/nowhere", true)) {
      OutputStream out = caller.getOutputStream();

      assertThatThrownBy(
              () -> {
                for (int piece = 0; piece < LONG; piece++) {
                  send(out, true);
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  private Socket caller(String path, boolean chunked) throws IOException {
    Socket caller = new Socket(InetAddress.getLoopbackAddress(), port);
    caller.setSoTimeout(PATIENCE_SECONDS * 1000);
    String framing =
        chunked ? "transfer-encoding: chunked" : "content-length: " + PIECES * PIECE.length;
    caller
        .getOutputStream()
        .write(ascii("POST " + path + " HTTP/1.1\r\nhost: shop.test\r\n" + framing + "\r\n\r\n"));
    return caller;
  }

  private static void send(OutputStream out, boolean chunked) throws IOException {
    if (chunked) {
      out.write(ascii(CHUNK));
    }
    out.write(PIECE);
    if (chunked) {
      out.write(ascii("\r\n"));
    }
  }

  /** All that comes until the other side ends. */
  private static String text(Socket caller) throws IOException {
    byte[] all = caller.getInputStream().readAllBytes();
    return new String(all, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
