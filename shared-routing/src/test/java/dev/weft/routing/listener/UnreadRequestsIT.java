package dev.weft.routing.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reader of HTTP/1 refuses is told why, as everything else that is refused. */
final class UnreadRequestsIT extends ListenerFixture {

  private static final String HOST = "Host: a.test\r\n";
  private static final Duration SHORT = Duration.ofMillis(200);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RUBBISH\r\n\r\n",
        "GET / HTTP/1.1\r\n" + HOST + " folded: b\r\n\r\n",
        "POST / HTTP/1.1\r\n"
            + HOST
            + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      })
  void whatCannotBeMeant(String request) throws Exception {
    assertThat(answer(Times.LONG_ONES, request))
        .containsPattern("^HTTP/1\\.[01] 400 ")
        .contains(because("bad_request"), "connection: close\r\n");
  }

  @Test
  void tooLongATarget() throws Exception {
    String target = "/" + "a".repeat(17_000);

    assertThat(answer(Times.LONG_ONES, "GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n"))
        .containsPattern("^HTTP/1\\.[01] 414 ")
        .contains(because("url_too_long"))
        .doesNotContain("aaa");
  }

  @Test
  void tooLargeAHead() throws Exception {
    String fields = ("x-large: " + "a".repeat(8000) + "\r\n").repeat(9);

    assertThat(answer(Times.LONG_ONES, "GET / HTTP/1.1\r\n" + HOST + fields + "\r\n"))
        .containsPattern("^HTTP/1\\.[01] 431 ")
        .contains(because("too_many_headers"))
        .doesNotContain("aaa");
  }

  @Test
  void aHeadThatDoesNotEnd() throws Exception {
    assertThat(answer(new Times(LONG, SHORT, LONG, LONG), "GET / HTTP/1.1\r\n" + HOST))
        .startsWith("HTTP/1.1 408 ")
        .contains(because("request_timeout"));
  }

  private String answer(Times times, String request) throws Exception {
    return RawHttp.exchange(listening(times, ListenerFixture::ok), request);
  }

  private static String because(String cause) {
    return "\r\nproxy-status: weft; error=http_request_error; cause=" + cause + "\r\n";
  }
}
