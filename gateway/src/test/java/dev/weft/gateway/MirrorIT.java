package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A copy goes to a shadow, and the caller never notices. */
final class MirrorIT extends GatewayFixture {

  private static final String SHADOW =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: shadow}
      spec:
        hosts: [shadow.test]
        resolution: STATIC
        ports: [{number: 80, name: http}]
        endpoints: [{address: 127.0.0.1, ports: {http: %d}}]
      """;

  @Test
  void aShadowGetsACopyAndItsSilenceDelaysNobody() throws Exception {
    List<HttpServerRequest> silent = new ArrayList<>();
    Promise<String> copy = Promise.promise();
    int shadow =
        backend(
            request -> {
              silent.add(request);
              request
                  .body()
                  .onSuccess(
                      body ->
                          copy.tryComplete(request.getHeader("host") + request.uri() + " " + body));
            });
    int backend =
        backend(request -> request.body().onSuccess(body -> request.response().end(body)));
    gateway(mirrored(100), entry(backend), SHADOW.formatted(shadow));

    Buffer answer =
        await(
            request(HttpVersion.HTTP_1_1, HttpMethod.POST, "/a?b=1", Buffer.buffer("hello"))
                .compose(GatewayFixture::body));

    assertThat(answer.toString()).isEqualTo("hello");
    assertThat(await(copy.future())).isEqualTo("shop.test-shadow/a?b=1 hello");
    silent.forEach(request -> request.connection().close());
  }

  @Test
  void aShadowThatFailsFailsNobody() throws Exception {
    int backend = backend(request -> request.response().end("fine"));
    gateway(mirrored(100), entry(backend), SHADOW.formatted(1));

    for (int i = 0; i < 30; i++) {
      assertThat(text("/")).isEqualTo("fine");
    }
  }

  @Test
  void itsPartOfTheRequestsIsCopied() throws Exception {
    AtomicInteger copies = new AtomicInteger();
    int shadow =
        backend(
            request -> {
              copies.incrementAndGet();
              request.response().setStatusCode(404).end("nobody reads this");
            });
    int backend = backend(request -> request.response().end("fine"));
    gateway(mirrored(25), entry(backend), SHADOW.formatted(shadow));

    for (int i = 0; i < 400; i++) {
      assertThat(text("/")).isEqualTo("fine");
    }
    assertThat(copies.get()).isBetween(55, 145); // five standard deviations
  }

  private static String mirrored(int percent) {
    return rules(
        "{mirror: {host: shadow.test}, mirrorPercentage: {value: %d},".formatted(percent)
            + " route: [{destination: {host: backend.test}}]}");
  }
}
