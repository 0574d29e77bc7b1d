package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A running gateway tells what the shares of a rule got, and takes other weights for it. */
@Timeout(60)
final class CanaryIT extends GatewayFixture {

  private static final String RULE = "default/rules%230";
  private static final Map<String, String> CHANGE = Map.of("x-weft-admin", "1");

  @BeforeEach
  void begin() throws Exception {
    admin = FreePorts.next();
    int first = backend(request -> request.response().end("v1"));
    int second = backend(request -> request.response().end("v2"));
    gateway(weights(100, 0), entry(first, second));
  }

  private JsonObject post(String query, Map<String, String> headers) throws Exception {
    Buffer body =
        await(
            client(new HttpClientOptions())
                .request(HttpMethod.POST, admin, "127.0.0.1", "/config/weights" + query)
                .compose(
                    request -> {
                      headers.forEach(request::putHeader);
                      return Requests.sent(request);
                    })
                .compose(GatewayFixture::body));
    return new JsonObject(body);
  }

  private String refused(String from, String to) throws Exception {
    return post("?rule=" + RULE + "&from=" + from + "&to=" + to, CHANGE).getString("error");
  }

  private JsonObject rule() throws Exception {
    return new JsonObject(admin("/canary")).getJsonArray("rules").getJsonObject(0);
  }

  @Test
  void eachShareIsCountedSinceItsWeights() throws Exception {
    for (int i = 0; i < 7; i++) {
      text("/");
    }
    JsonObject before = rule();
    post("?rule=" + RULE + "&from=100,0&to=0,100", CHANGE);
    for (int i = 0; i < 5; i++) {
      assertThat(text("/")).as("at once").isEqualTo("v2");
    }
    JsonObject after = rule();

    assertThat(requests(before, 0)).isEqualTo(7);
    assertThat(requests(before, 1)).isZero();
    assertThat(requests(after, 0)).isZero();
    assertThat(requests(after, 1)).isEqualTo(5);
    assertThat(before.getString("rule")).isEqualTo("default/rules#0");
    assertThat(before.getString("resource")).isEqualTo("VirtualService default/rules");
    assertThat(before.getString("source")).isEqualTo("dir:" + folder);
    assertThat(before.getBoolean("writable")).isTrue();
    assertThat(before.getJsonArray("shares").getJsonObject(1).getJsonArray("versions"))
        .containsExactly("v2");
  }

  private static long requests(JsonObject rule, int share) {
    return rule.getJsonArray("shares").getJsonObject(share).getLong("requests");
  }

  @Test
  void whatIsNotMeantForItIsRefusedAndNothingIsWritten() throws Exception {
    String file = Files.readString(folder.resolve("rules.yaml"));
    String query = "?rule=" + RULE + "&from=100,0&to=50,50";

    assertThat(post(query, Map.of()).getString("error")).contains("x-weft-admin");
    assertThat(
            post(query, Map.of("x-weft-admin", "1", "origin", "http://evil.example"))
                .getString("error"))
        .contains("origin");
    assertThat(refused("80,20", "50,50"))
        .isEqualTo("weights of default/rules#0 are [100, 0] by now, not [80, 20]: look again");
    assertThat(refused("100,0", "100,0"))
        .isEqualTo("weights of default/rules#0 are [100, 0] already");
    assertThat(refused("100,0", "90,20"))
        .isEqualTo("weights: they add up to 110 (expected: 100, as they do now)");
    assertThat(refused("100,0", "105,-5"))
        .isEqualTo("spec.http[0].route[1].weight: weight -5 (expected: 0 to 1000000)");
    assertThat(refused("100,0", "much"))
        .isEqualTo("to: 'much' (expected: a weight for each destination, as in 80,20)");
    assertThat(post("?rule=none&from=1,2&to=2,1", CHANGE).getString("error"))
        .isEqualTo("rule: 'none' divides nothing now (/canary lists those that do)");
    assertThat(folder.resolve("rules.yaml")).hasContent(file);
    assertThat(text("/")).isEqualTo("v1");
  }

  @Test
  void whatHasErrorsAlreadyIsMendedFirst() throws Exception {
    write("more.yaml", "kind: nonsense\n");
    for (int i = 0; i < 500 && !admin("/config").contains("more.yaml"); i++) {
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    }

    assertThat(refused("100,0", "50,50")).startsWith("not applied: ").contains("more.yaml:1");
    assertThat(folder.resolve("rules.yaml")).hasContent(weights(100, 0));
  }

  @Test
  void whatWasEditedThisVeryMomentIsNotOverwritten() throws Exception {
    String edited = weights(100, 0) + "# somebody was here\n";
    Files.writeString(folder.resolve("rules.yaml"), edited); // not read yet, perhaps

    String why = refused("100,0", "50,50");

    // it may have been read by then: the weights are still those that were seen
    assertThat(Files.readString(folder.resolve("rules.yaml")))
        .isEqualTo(why == null ? edited.replace("100", "50").replace(": 0}", ": 50}") : edited);
  }

  @Test
  void noRequestFailsMeanwhile() throws Exception {
    SteadyCallers callers =
        SteadyCallers.of(client(new HttpClientOptions()), () -> options(HttpMethod.GET, "/"));
    for (int i = 0; i < 20; i++) {
      boolean there = i % 2 == 0;
      assertThat(refused(there ? "100,0" : "0,100", there ? "0,100" : "100,0")).isNull();
      assertThat(text("/")).isEqualTo(there ? "v2" : "v1");
    }
    callers.stop();

    assertThat(callers.bad()).isZero();
    assertThat(callers.good()).isGreaterThan(100);
  }
}
