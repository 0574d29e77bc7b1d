package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.testkit.RawHttp;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Callers over HTTP/1 who send more than anybody wants, and read only when all is sent. */
@Timeout(120)
final class RefusedUploadsIT extends GatewayFixture {

  private static final int TIMES = 10;
  private static final int PIECES = 200;
  private static final byte[] PIECE = new byte[100_000];
  private static final String LENGTH = "Content-Length: " + PIECES * PIECE.length;
  private static final String CHUNKED = "Transfer-Encoding: chunked";
  private static final String CHUNK = Integer.toHexString(PIECE.length) + "\r\n";
  private static final int LONG = 1_000_000; // pieces

  @BeforeEach
  void start() throws Exception {
    int backend = backend(request -> request.response().setStatusCode(409).end());
    gateway(
        rules(
            "{match: [{uri: {prefix: /direct}}], directResponse: {status: 403}}, "
                + "{match: [{uri: {prefix: /aborted}}], route: [{destination: {host: backend.test}}], "
                + "fault: {delay: {percentage: {value: 100}, fixedDelay: 50ms}, "
                + "abort: {percentage: {value: 100}, httpStatus: 418}}}, "
                + "{match: [{uri: {prefix: /early}}], route: [{destination: {host: backend.test}}]}"),
        entry(backend));
  }

  @ParameterizedTest
  @CsvSource({"/direct, 403", "/aborted, 418", "/early, 409", "/nowhere, 404"})
  void theirAnswerReachesThemAndTheirConnectionEnds(String path, int status) throws Exception {
    for (int i = 0; i < TIMES; i++) {
      for (String version : new String[] {"HTTP/1.1", "HTTP/1.0"}) {
        assertThat(posted(path, version, LENGTH)).contains(" " + status + " ");
        assertThat(posted(path, version, LENGTH, "Connection: close")).contains(" " + status + " ");
      }
      assertThat(posted(path, "HTTP/1.1", CHUNKED)).contains(" " + status + " ");
      assertThat(posted(path, "HTTP/1.1", CHUNKED, "Connection: close"))
          .contains(" " + status + " ");
    }
  }

  private String posted(String path, String version, String... headers) throws IOException {
    try (Socket caller = caller(path, version, headers)) {
      boolean chunked = headers[0].equals(CHUNKED);
      OutputStream out = caller.getOutputStream();
      for (int piece = 0; piece < PIECES; piece++) {
        if (chunked) {
          send(out);
        } else {
          out.write(PIECE);
        }
      }
      if (chunked) {
        out.write(ascii("0\r\n\r\n"));
      }
      return text(caller);
    }
  }

  /** Where the proxy knows that it cuts the rest off, nobody shall use the connection again. */
  @Test
  void theEndIsAnnouncedWhereItIsKnown() throws Exception {
    try (Socket caller = caller("/nowhere", "HTTP/1.1", LENGTH)) {
      assertThat(text(caller)).contains("\r\nconnection: close\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Connection: close", "Connection: keep-alive"})
  void whoGoesOnForEverIsCutOff(String connection) throws Exception {
    try (Socket caller = caller("/nowhere", "HTTP/1.1", CHUNKED, connection)) {
      OutputStream out = caller.getOutputStream();

      assertThatThrownBy(
              () -> {
                for (int piece = 0; piece < LONG; piece++) {
                  send(out);
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  private Socket caller(String path, String version, String... headers) throws IOException {
    Socket caller = new Socket(InetAddress.getLoopbackAddress(), port);
    caller.setSoTimeout(PATIENCE_SECONDS * 1000);
    String first = RawHttp.lines("POST " + path + " " + version, "Host: shop.test");
    caller.getOutputStream().write(ascii(first + RawHttp.lines(headers) + "\r\n"));
    return caller;
  }

  private static void send(OutputStream out) throws IOException {
    out.write(ascii(CHUNK));
    out.write(PIECE);
    out.write(ascii("\r\n"));
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
