package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.LogLines;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.Requests;
import dev.weft.testkit.token.TestKey;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Keys, tokens and passwords are nowhere in what a gateway says, however much it is asked to say.
 */
@Timeout(60)
final class SecretsIT extends ServersFixture {

  private static final TestKey KEY = TestKey.ec("first", "secp256r1");
  private static final String GOOD = KEY.token("ES256", "{\"iss\":\"test\",\"sub\":\"alice\"}");
  private static final String FOREIGN =
      TestKey.ec("first", "secp256r1").token("ES256", "{\"iss\":\"test\",\"sub\":\"mallory\"}");
  private static final String OLD =
      KEY.token("ES256", "{\"iss\":\"test\",\"sub\":\"bob\",\"exp\":1}");
  private static final String PASSWORD = encoded("ada:correct-horse-battery");
  private static final String SESSION = "c2Vzc2lvbi1vZi1hZGE";
  private static final Map<String, String> USUAL =
      Map.of("root", "info", "io.netty", "warn", "io.vertx", "warn", "dev.weft", "info");

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private final List<String> pages = new ArrayList<>();

  @AfterEach
  void sayLess() throws Exception {
    for (Map.Entry<String, String> usual : USUAL.entrySet()) {
      level(usual.getKey(), usual.getValue());
    }
  }

  private void level(String logger, String level) throws Exception {
    String path = "/loglevel?logger=" + logger + "&level=" + level;
    int status =
        await(
            client(new HttpClientOptions())
                .request(HttpMethod.POST, admin, "127.0.0.1", path)
                .compose(request -> Requests.sent(request.putHeader("x-weft-admin", "1")))
                .map(answer -> answer.statusCode()));
    assertThat(status).isEqualTo(200);
  }

  @Test
  void noneIsToldAtAnyLevel() throws Exception {
    admin = FreePorts.next();
    Path log = state.resolve("access.log");
    accessLog = log.toString();
    gatewayOfServers(
        servers("OPTIONAL_MUTUAL"),
        rule("open", "shop.test"),
        rule("closed", "admin.shop.test"),
        rule("plain", "plain.test"),
        secret("shown", "default"),
        secret("asking", "default"),
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: tokens, namespace: istio-system}
        spec: {jwtRules: [{issuer: test, jwks: '%s'}]}
        """
            .formatted(TestKey.set(KEY)));
    try (LogLines all = new LogLines("")) {
      for (String logger : USUAL.keySet()) {
        level(logger, "trace");
      }

      everybodyComes();
      write("entry9.yaml", secret("shown", "default") + "\nnonsense: [");
      for (String page : admin("/").split("\\s+", -1)) {
        if (page.startsWith("/") && !page.startsWith("/tap") && !page.startsWith("/drain")) {
          pages.add(admin(page));
        }
      }
      pages.add(admin("/explain?method=GET&url=http://plain.test/%3Faccess_token=x"));
      restart(); // all lines are written then

      assertThat(all.lines()).as("something is told").hasSizeGreaterThan(10);
      assertThat(pages).hasSizeGreaterThan(5);
      assertTellsNoSecret("log", String.join("\n", all.lines()));
      assertTellsNoSecret("access log", Files.readString(log));
      assertTellsNoSecret("admin", String.join("\n", pages));
    }
  }

  private void everybodyComes() throws Exception {
    List<String> credentials =
        List.of("Bearer " + GOOD, "Bearer " + FOREIGN, "Bearer " + OLD, "Basic " + PASSWORD);
    HttpClientConnection secured = connected(HttpVersion.HTTP_2, "shop.test", true);
    for (String one : credentials) {
      said(secured, "shop.test", "authorization", one, "cookie", "session=" + SESSION);
      String head = "GET / HTTP/1.1\r\nHost: plain.test\r\nConnection: close\r\n";
      RawHttp.exchange(port, head + "Authorization: " + one + "\r\n\r\n");
      RawHttp.exchange(port, head + "Proxy-Authorization: " + one + "\r\n\r\n");
      RawHttp.exchange(port, head + "Authorization: " + one + "\r\nbroken\r\n\r\n");
      RawHttp.exchange(
          port, head.replace("/ ", "/?access_token=" + one.substring(7) + " ") + "\r\n");
    }
    saidAt(secured, "shop.test", "/?access_token=" + GOOD);
    await(secured.close());
  }

  private void assertTellsNoSecret(String where, String text) {
    String key = leaf.key().lines().skip(1).findFirst().orElseThrow();
    for (String secret : List.of(key, GOOD, FOREIGN, OLD, PASSWORD, SESSION, signature(GOOD))) {
      assertThat(text.contains(secret)).as("%s in %s", secret, where).isFalse();
    }
    assertThat(text.contains("PRIVATE KEY")).as(where).isFalse();
  }

  private static String signature(String token) {
    return token.substring(token.lastIndexOf('.') + 1);
  }
}
