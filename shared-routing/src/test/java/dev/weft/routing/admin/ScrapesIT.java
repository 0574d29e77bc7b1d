package dev.weft.routing.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.admin.RawClient.Answer;
import dev.weft.routing.admin.scrape.Packed;
import dev.weft.routing.telemetry.Tap;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What scrapers, load balancers and pages of others get of the admin port. */
@Timeout(60)
final class ScrapesIT {

  private static final String METRICS = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n";

  private Vertx vertx;
  private int port;

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx();
    AdminApi api = new AdminApi(vertx, new FakeSource(), new Tap(), List::of);
    port =
        AdminServer.listen(vertx, "127.0.0.1", 0, api.router(new AdminGuard(Set.of())))
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS)
            .port();
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate, gzip;q=0.5", "gzip;q=1.0, *;q=0"})
  void metricsArePackedForWhoTakesIt(String accepted) throws Exception {
    Answer packed = RawClient.ask(port, METRICS + "Accept-Encoding: " + accepted + "\r\n");

    assertThat(packed.head())
        .contains("content-encoding: gzip", "content-type: text/plain; version=0.0.4");
    assertThat(packed.body()).doesNotContain("istio_requests_total{");
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip;q=0", "gzip; q=0.0, br", "xgzip"})
  void metricsAreNotPackedForWhoDoesNot(String accepted) throws Exception {
    Answer answer = RawClient.ask(port, METRICS + "Accept-Encoding: " + accepted + "\r\n");

    assertThat(answer.head()).doesNotContain("content-encoding").contains("vary: accept");
    assertThat(answer.body()).startsWith("istio_requests_total{");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/openmetrics-text",
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        "text/plain;q=0.4, application/openmetrics-text; version=1.0.0; charset=utf-8;q=0.4",
        "*/*, application/openmetrics-text;q=0.1",
      })
  void openMetricsAreForWhoLikesThemAsMuch(String accepted) throws Exception {
    Answer answer = RawClient.ask(port, METRICS + "Accept: " + accepted + "\r\n");

    assertThat(answer.head())
        .contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(answer.body()).endsWith("# EOF");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,*/*;q=0.1",
        "application/openmetrics-text;q=0",
        "application/openmetrics-text-too, text/*",
        "application/openmetrics-text;q=0.3;version=1.0.0, text/plain",
        "*/*",
        ";;,/;q=x",
      })
  void othersGetPlainText(String accepted) throws Exception {
    Answer answer = RawClient.ask(port, METRICS + "Accept: " + accepted + "\r\n");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head()).contains("content-type: text/plain; version=0.0.4; charset=utf-8");
  }

  @Test
  void packedTextIsTheText() throws Exception {
    String text = "a line of many\n".repeat(10_000) + "\u00e9";

    byte[] packed = Packed.of(text).getBytes();

    assertThat(packed.length).isLessThan(text.length() / 50);
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(text);
    }
  }

  @Test
  void thePathsOfIstiosProxiesAnswerToo() throws Exception {
    assertThat(RawClient.get(port, "/stats/prometheus").body()).startsWith("istio_requests_total{");
    assertThat(RawClient.get(port, "/healthz/ready").body()).isEqualTo("{\"ready\":true}");
  }

  @Test
  void aNumberThatIsNoneIsToldSo() throws Exception {
    Answer answer = RawClient.get(port, "/traces?last=many");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("{\"error\":\"last: 'many' (expected: a number)\"}");
    assertThat(RawClient.get(port, "/traces?last=2").body()).startsWith("{\"traces\":[");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n",
        "Sec-Fetch-Site: same-site\r\nSec-Fetch-Dest: image\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
      })
  void aForeignPageIsRefused(String headers) throws Exception {
    Answer answer = RawClient.ask(port, METRICS + headers);

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.body()).doesNotContain("istio_requests_total{");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n",
        "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
      })
  void ourOwnAndLinksThatAreFollowedAreNot(String headers) throws Exception {
    assertThat(RawClient.ask(port, METRICS + headers).status()).isEqualTo(200);
  }
}
