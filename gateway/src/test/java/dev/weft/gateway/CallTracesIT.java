package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.token.TestKey;
import dev.weft.testkit.trace.OtlpReceiver;
import dev.weft.testkit.trace.ToldSpan;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that a gateway makes of its own, traced by the tracer of its Vert.x. */
@Timeout(60)
final class CallTracesIT extends TracesFixture {

  private static final TestKey KEY = TestKey.ec("one", "secp256r1");
  private static final String TOKEN = KEY.token("ES256", "{\"iss\":\"test\",\"sub\":\"alice\"}");
  private static final String ALL = "{providers: [{name: told}], randomSamplingPercentage: 100}";

  private final List<String> fetches = new CopyOnWriteArrayList<>();

  private void gateway(String telemetry, int collector) throws Exception {
    admin = FreePorts.next();
    int backend = backend(request -> request.response().end(seen(request)));
    int keys =
        backend(
            request -> {
              fetches.add(String.valueOf(request.getHeader("traceparent")));
              request.response().end("{\"keys\":[]}");
            });
    gateway(
        rules("{route: [{destination: {host: backend.test}}]}"),
        entry(backend),
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: tokens, namespace: istio-system}
        spec: {jwtRules: [{issuer: test, jwksUri: 'http://127.0.0.1:%d/keys'}]}
        """
            .formatted(keys),
        telemetry,
        collector(
            "tracing: {}", "opentelemetry: {service: collector.test, port: 4317}", collector));
  }

  @Test
  void keysAreFetchedInATraceOfTheirOwn() throws Exception {
    OtlpReceiver receiver = receiver();
    gateway(telemetry(ALL), receiver.port());

    asked("authorization", "Bearer " + TOKEN);

    until(() -> receiver.spans().stream().anyMatch(CallTracesIT::fetch));
    ToldSpan fetch =
        receiver.spans().stream().filter(CallTracesIT::fetch).findFirst().orElseThrow();
    assertThat(fetch.server()).isFalse();
    assertThat(fetch.parent()).isEmpty();
    assertThat(fetch.service()).as("whose call it was").endsWith(".default");
    assertThat(fetch.attributes()).containsEntry("http.response.status_code", "200");
    assertThat(fetch.span().getEndTimeUnixNano())
        .isGreaterThan(fetch.span().getStartTimeUnixNano());
    assertThat(fetches).contains("00-" + fetch.trace() + "-" + fetch.id() + "-03");
    until(() -> receiver.spans().stream().anyMatch(ToldSpan::server));
    assertThat(receiver.spans())
        .filteredOn(span -> span.trace().equals(fetch.trace()))
        .as("what is carried for others is not the program's own")
        .hasSize(1);
  }

  @Test
  void whereNobodyAsksForTracesCallsTellNone() throws Exception {
    gateway("", receiver().port());

    asked("authorization", "Bearer " + TOKEN);

    until(() -> !fetches.isEmpty());
    assertThat(fetches).containsOnly("null");
  }

  private static boolean fetch(ToldSpan span) {
    return span.span().getName().equals("fetch keys");
  }
}
