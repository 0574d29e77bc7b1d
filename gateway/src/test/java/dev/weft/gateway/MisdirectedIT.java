package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.testkit.FreePorts;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nobody reaches a server's routes by another server's handshake. */
final class MisdirectedIT extends ServersFixture {

  private static final String STATUS = "weft; error=http_request_error; cause=misdirected_request";

  @BeforeEach
  void begin() throws Exception {
    admin = FreePorts.next();
    gatewayOfServers(
        servers("SIMPLE"),
        rule("open", "shop.test, '*.shop.test'"),
        rule("closed", "admin.shop.test"),
        rule("plain", "plain.test"),
        secret("shown", "default"),
        secret("asking", "default"));
  }

  private static void isMisdirected(HttpClientConnection connection, String host) throws Exception {
    HttpClientResponse answer = answer(connection, host);
    assertThat(answer.statusCode()).as(host).isEqualTo(421);
    assertThat(answer.getHeader("proxy-status")).isEqualTo(STATUS);
    assertThat(await(answer.body()).toString()).isEqualTo("misdirected request\n");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void anotherServersHandshakeDoesNotReachWhatAsksForACertificate(HttpVersion version)
      throws Exception {
    HttpClientConnection exact = connected(version, "shop.test", false);
    HttpClientConnection covered = connected(version, "other.shop.test", false);

    isMisdirected(exact, "admin.shop.test");
    isMisdirected(exact, "ADMIN.shop.test:443");
    isMisdirected(covered, "admin.shop.test");
    isMisdirected(exact, "unknown.test");
    assertThat(said(exact, "shop.test")).isEqualTo("200 open");
    assertThat(said(covered, "third.shop.test")).isEqualTo("200 open");
    assertThat(said(covered, "shop.test")).isEqualTo("200 open");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void whoProvedItselfReachesThatServerOnly(HttpVersion version) throws Exception {
    HttpClientConnection proved = connected(version, "admin.shop.test", true);

    assertThat(said(proved, "admin.shop.test")).isEqualTo("200 closed");
    isMisdirected(proved, "shop.test");
    isMisdirected(proved, "other.shop.test");
    HttpVersion one = HttpVersion.HTTP_1_1;
    assertThatThrownBy(() -> said(connected(one, "admin.shop.test", false), "admin.shop.test"))
        .isNotNull();
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void plaintextReachesPlainServersOnly(HttpVersion version) throws Exception {
    HttpClientConnection plain = connected(version, "", false);

    isMisdirected(plain, "admin.shop.test");
    isMisdirected(plain, "shop.test");
    assertThat(said(plain, "plain.test")).isEqualTo("200 plain");
    assertThat(said(plain, "third.shop.test")).isEqualTo("200 open"); // on both servers
    assertThat(answer(plain, "unknown.test").statusCode()).isEqualTo(404);
    isMisdirected(connected(version, "shop.test", false), "plain.test");
  }

  /** What the gateway answers is what it says that it would. */
  @Test
  void anExplanationKnowsWhatIsMisdirected() throws Exception {
    List<String> hosts =
        List.of("shop.test", "other.shop.test", "admin.shop.test", "plain.test", "unknown.test");
    for (String name : List.of("shop.test", "other.shop.test", "")) {
      HttpClientConnection connection = connected(HttpVersion.HTTP_1_1, name, false);
      for (String host : hosts) {
        int status = answer(connection, host).statusCode();

        String url = name.isEmpty() ? "http://" + host : "https://" + name;
        JsonObject told =
            new JsonObject(
                admin("/explain?method=GET&url=" + url + ":" + port + "/&header=host:" + host));

        assertThat(told.getInteger("status", 200)).as("%s: %s", url, told).isEqualTo(status);
        assertThat(told.getString("route").equals("-")).as(url).isEqualTo(status != 200);
        connection = connected(HttpVersion.HTTP_1_1, name, false);
      }
    }
    assertThat(admin("/explain?method=GET&url=https://unknown.test:" + port + "/"))
        .contains("the handshake is refused: no server of this port is for 'unknown.test'");
  }

  @Test
  void aConnectionOfBeforeDoesNotOutliveWhatIsAskedNow() throws Exception {
    HttpClientConnection before = connected(HttpVersion.HTTP_2, "shop.test", false);
    assertThat(said(before, "shop.test")).isEqualTo("200 open");

    write("rules.yaml", servers("MUTUAL"));

    assertThat(eventually(() -> answer(before, "shop.test").statusCode() == 421)).isTrue();
    HttpClientConnection proved = connected(HttpVersion.HTTP_2, "shop.test", true);
    assertThat(said(proved, "shop.test")).isEqualTo("200 open");
  }

  @Test
  void aSecretOfAnotherNamespaceIsNotShown() throws Exception {
    HttpClientConnection before = connected(HttpVersion.HTTP_1_1, "shop.test", false);
    write("entry4.yaml", secret("shown", "elsewhere"));
    write("entry3.yaml", rule("plain", "plain.test").replace("string: plain", "string: after"));
    HttpClientConnection plain = connected(HttpVersion.HTTP_1_1, "", false);
    assertThat(eventually(() -> said(plain, "plain.test").equals("200 after"))).isTrue();
    assertThat(said(before, "shop.test")).isEqualTo("200 open");

    restart();

    assertThatThrownBy(() -> connected(HttpVersion.HTTP_1_1, "shop.test", false)).isNotNull();
    assertThat(said(connected(HttpVersion.HTTP_1_1, "admin.shop.test", true), "admin.shop.test"))
        .isEqualTo("200 closed");
  }
}
