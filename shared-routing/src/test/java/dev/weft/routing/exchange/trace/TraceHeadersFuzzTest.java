package dev.weft.routing.exchange.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/** Whatever stands in the headers of a trace, it is read or counts as not there. */
final class TraceHeadersFuzzTest {

  @FuzzTest(maxDuration = "10m")
  void headersAreReadOrCountAsNotThere(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    for (String name : new String[] {"traceparent", "b3", "x-b3-traceid", "x-b3-spanid"}) {
      MultiMap headers = HttpHeaders.headers();
      headers.set("x-b3-spanid", "00f067aa0ba902b7");
      headers.set(name, text.replaceAll("[^\\x20-\\x7e]", "?"));

      Arrived arrived = TraceHeaders.read(headers);

      assertThat(arrived.known()).isEqualTo(arrived.parent() != 0);
      assertThat(arrived.broken() && arrived.known()).isFalse();
      if (arrived.known()) {
        MultiMap again = HttpHeaders.headers();
        new TraceContext(arrived.high(), arrived.low(), 0, 1, arrived.flags(), arrived.formats())
            .tell(again, arrived.parent());
        assertThat(TraceHeaders.read(again).low()).isEqualTo(arrived.low());
      }
    }
  }
}
