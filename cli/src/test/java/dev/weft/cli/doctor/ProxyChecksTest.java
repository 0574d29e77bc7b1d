package dev.weft.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.doctor.Finding.Mark;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProxyChecksTest {

  @Test
  void proxiesThatAgreeAreOneLineForTheirAccount() {
    assertThat(found(proxy("a", 4, 4, 90), proxy("a", 3, 3, 1), proxy("b", 4, 4, 0)))
        .containsExactly(
            Finding.ok("prod/a: 2 proxies run version 3, 4"),
            Finding.ok("prod/b: 1 proxy runs version 4"));
  }

  @Test
  void whoRefusesIsToldWithTheReason() {
    JsonObject refusal = new JsonObject().put("version", 5).put("why", "port 80 is taken");

    assertThat(found(proxy("a", 5, 4, 1).put("refused", refusal), proxy("a", 4, 4, 1)))
        .containsExactly(
            Finding.ok("prod/a: 1 proxy runs version 4"),
            Finding.fail(
                "prod/a at 10.0.0.3:4444 refuses version 5: port 80 is taken",
                "it serves version 4 until one comes that it can serve"));
  }

  @Test
  void whoStaysSilentFailsAndWhoHasJustBeenToldDoesNot() {
    assertThat(found(proxy("a", 5, 4, 31)))
        .containsExactly(
            Finding.fail(
                "prod/a at 10.0.0.3:4444 has not acknowledged version 5 for 31 s; it serves"
                    + " version 4",
                "its log tells what it waits for"));
    assertThat(found(proxy("a", 5, 4, 30)))
        .containsExactly(Finding.ok("prod/a at 10.0.0.3:4444 takes version 5"));
    assertThat(found(proxy("a", 0, 0, 40)).get(0).text())
        .isEqualTo("prod/a at 10.0.0.3:4444 was sent no configuration for 40 s");
  }

  @Test
  void whatDoesNotWorkFailsThoughItIsInSync() {
    JsonObject trouble =
        new JsonObject()
            .put("kind", "Gateway")
            .put("namespace", "edge")
            .put("name", "web")
            .put("port", 443)
            .put("words", "cannot listen on 0.0.0.0:443:\u001b[2J taken");
    JsonObject edge =
        proxy("a", 4, 4, 90)
            .put("kind", "gateway")
            .put("pod", "web-0")
            .put("problems", new JsonArray().add(trouble));

    assertThat(found(edge))
        .containsExactly(
            Finding.ok("prod/a: 1 proxy runs version 4"),
            Finding.fail(
                "prod/a at 10.0.0.3:4444 (gateway pod web-0): Gateway edge/web cannot listen on"
                    + " 0.0.0.0:443: [2J taken",
                "all else that it has serves; this is tried again until it works"));
  }

  @Test
  void noProxiesAreAWarning() {
    assertThat(found()).extracting(Finding::mark).containsExactly(Mark.WARN);
  }

  private static List<Finding> found(JsonObject... proxies) {
    return ProxyChecks.of(new JsonObject().put("proxies", new JsonArray(List.of(proxies))));
  }

  private static JsonObject proxy(String account, long sent, long acknowledged, long seconds) {
    return new JsonObject()
        .put("namespace", "prod")
        .put("account", account)
        .put("address", "10.0.0.3:4444")
        .put("sent", sent)
        .put("sentSeconds", seconds)
        .put("acknowledged", acknowledged)
        .put("inSync", sent > 0 && sent == acknowledged);
  }
}
