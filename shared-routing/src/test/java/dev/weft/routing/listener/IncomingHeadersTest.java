package dev.weft.routing.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.model.settings.Settings;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.listener.ListenerSettings.Role;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IncomingHeadersTest {

  private static final Caller OUTSIDE = Caller.anonymous("203.0.113.9", 4711, 80, true);

  @Test
  void nothingThatAStrangerSaysOfItselfGoesIn() {
    MultiMap incoming =
        headers(
            "X-Forwarded-For", "10.0.0.1",
            "x-forwarded-proto", "http",
            "X-Forwarded-Client-Cert", "URI=spiffe://mesh/ns/a/sa/admin",
            "x-forwarded-prefix", "/admin",
            "Forwarded", "for=10.0.0.1",
            "X-Real-IP", "10.0.0.1",
            "x-request-id", "mine",
            "x-envoy-internal", "true",
            "X-Weft-Peer", "workload=a;app=a;version=a",
            "x-weft-anything", "1",
            "x-mine", "stays");

    MultiMap out = outgoing(incoming, Role.EDGE, OUTSIDE);

    assertThat(out.names())
        .containsExactlyInAnyOrder(
            "x-mine", "x-forwarded-for", "x-forwarded-proto", "x-request-id");
    assertThat(out.getAll("x-forwarded-for")).containsExactly("203.0.113.9");
    assertThat(out.getAll("x-forwarded-proto")).containsExactly("https");
    assertThat(out.get("x-request-id")).hasSize(36);
  }

  @Test
  void aNameWithAnUnderscoreIsRefusedWhateverItNames() {
    for (String name :
        List.of(
            "X_Forwarded_For",
            "x-forwarded_client-cert",
            "x_weft_peer",
            "client_ip",
            "x_mine",
            "_",
            "Transfer_Encoding")) {
      MultiMap incoming = headers(name, "1", "x-mine", "stays");

      assertThatThrownBy(() -> outgoing(incoming, Role.EDGE, OUTSIDE))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("it has an underscore in its name");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ALLOW, user_id x-forwarded-for x-forwarded-proto x-mine x-request-id",
    "DROP_HEADER, x-forwarded-for x-forwarded-proto x-mine x-request-id"
  })
  void orWhatIsWrittenBecomesOfItButNothingReservedComesIn(String action, String kept) {
    String text =
        "{apiVersion: weft.dev/v1, kind: ProxySettings, metadata: {name: default},"
            + " spec: {edge: {headersWithUnderscores: "
            + action
            + "}}}";
    Settings settings =
        Settings.of(
            ConfigLoader.load(List.of(new ConfigDocument("t", "a.yaml", text)))
                .config()
                .proxySettings(),
            "default",
            Map.of());
    MultiMap incoming =
        headers(
            "user_id", "1",
            "x_forwarded_for", "10.0.0.1",
            "X-Weft_User", "root",
            "client_ip", "10.0.0.1",
            "x-mine", "stays");

    MultiMap out =
        IncomingHeaders.outgoing(
            incoming,
            ListenerSettings.of("127.0.0.1", 0, Role.EDGE, settings),
            OUTSIDE,
            "https",
            new SplittableRandom(1));

    assertThat(String.join(" ", new TreeSet<>(out.names()))).isEqualTo(kept);
  }

  @Test
  void insideTheMeshANameMayHaveAnUnderscore() {
    MultiMap out = outgoing(headers("x_mine", "stays"), Role.MESH_OUTBOUND, OUTSIDE);

    assertThat(out.get("x_mine")).isEqualTo("stays");
  }

  @Test
  void otherNamesOfACallersAddressAreForgedToo() {
    MultiMap incoming =
        headers(
            "True-Client-IP", "10.0.0.1",
            "x-client-ip", "10.0.0.1",
            "x-cluster-client-ip", "10.0.0.1",
            "client-ip", "10.0.0.1",
            "x-original-forwarded-for", "10.0.0.1");

    MultiMap out = outgoing(incoming, Role.EDGE, OUTSIDE);

    assertThat(out.names())
        .containsExactlyInAnyOrder("x-forwarded-for", "x-forwarded-proto", "x-request-id");
  }

  @Test
  void whatConnectionNamesCannotTakeAwayWhatTheGatewaySays() {
    MultiMap incoming =
        headers(
            "Connection", "x-forwarded-for, x-request-id, content-length",
            "x-forwarded-for", "10.0.0.1",
            "content-length", "5");

    MultiMap out = outgoing(incoming, Role.EDGE, OUTSIDE);

    assertThat(out.get("x-forwarded-for")).isEqualTo("203.0.113.9");
    assertThat(out.get("x-request-id")).hasSize(36);
    assertThat(out.get("content-length")).isEqualTo("5");
  }

  @Test
  void hopByHopHeadersAndThoseThatConnectionNamesStay() {
    MultiMap incoming =
        headers(
            "Connection", "close, x-secret",
            "x-secret", "1",
            "Keep-Alive", "timeout=5",
            "Upgrade", "h2c",
            "HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA",
            "Transfer-Encoding", "chunked",
            "Proxy-Authorization", "Basic eA==",
            "TE", "trailers, deflate",
            "Host", "shop.test",
            "Expect", "100-continue",
            "Accept", "*/*");

    MultiMap out = outgoing(incoming, Role.MESH_OUTBOUND, OUTSIDE);

    assertThat(out.names())
        .containsExactlyInAnyOrder("Accept", "te", "x-forwarded-proto", "x-request-id");
    assertThat(out.get("te")).isEqualTo("trailers");
  }

  @Test
  void insideTheMeshTheRequestIdAndWhereItCameFromGoOn() {
    MultiMap incoming =
        headers(
            "x-request-id", "kept", "x-forwarded-for", "203.0.113.9", "x-forwarded-proto", "https");

    MultiMap out = outgoing(incoming, Role.MESH_OUTBOUND, OUTSIDE);

    assertThat(out.get("x-request-id")).isEqualTo("kept");
    assertThat(out.get("x-forwarded-for")).isEqualTo("203.0.113.9");
    assertThat(out.get("x-forwarded-proto")).isEqualTo("https");
  }

  @Test
  void aVerifiedCertificateReplacesWhatTheCallerClaims() {
    Caller peer =
        Caller.anonymous("10.0.0.7", 4711, 15006, true)
            .to("10.0.0.8")
            .met(Handshake.NONE, Optional.of("URI=spiffe://mesh/ns/a/sa/a"))
            .proved("spiffe://mesh/ns/a/sa/a", "a");

    MultiMap out =
        outgoing(
            headers("x-forwarded-client-cert", "URI=spiffe://mesh/ns/a/sa/admin"),
            Role.MESH_INBOUND,
            peer);

    assertThat(out.getAll("x-forwarded-client-cert"))
        .containsExactly("URI=spiffe://mesh/ns/a/sa/a");
  }

  private static MultiMap outgoing(MultiMap incoming, Role role, Caller caller) {
    return IncomingHeaders.outgoing(
        incoming,
        ListenerSettings.of("127.0.0.1", 0, role),
        caller,
        "https",
        new SplittableRandom(1));
  }

  private static MultiMap headers(String... pairs) {
    MultiMap headers = HttpHeaders.headers();
    for (int i = 0; i < pairs.length; i += 2) {
      headers.add(pairs[i], pairs[i + 1]);
    }
    return headers;
  }
}
