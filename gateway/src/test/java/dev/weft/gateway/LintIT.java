package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Rules are tried against each other while they serve, and refused for nothing of it. */
final class LintIT extends GatewayFixture {

  private static final String FOLDER =
      """
      {match: [{uri: {prefix: /foo}, method: {exact: GET}}], directResponse: {status: 200}},
        {match: [{uri: {prefix: /foobar}}], directResponse: {status: 201}}\
      """;

  @Test
  void whatIsFoundIsToldAndGoesWithItsCause() throws Exception {
    admin = FreePorts.next();
    int well = backend(request -> request.response().end("well"));
    int too = backend(request -> request.response().end("well"));
    gateway(weights(100, 0), entry(well, too));
    assertThat(lint("done", 1).getJsonObject("lint").getLong("findings")).isZero();

    write("rules.yaml", rules(FOLDER));

    JsonObject found = lint("done", 2);
    assertThat(found.getLong("rejected")).isZero();
    assertThat(found.getJsonObject("lint").getLong("findings")).isEqualTo(1);
    assertThat(found.getJsonArray("problems").getJsonObject(0).getString("message"))
        .contains("e.g. GET http://shop.test/foobar");
    assertThat(admin("/metrics")).contains("weft_config_findings{code=\"WF136\"} 1.0");
    assertThat(admin("/explain?method=GET&url=http://shop.test/foobar")).contains("rules#0");

    write("rules.yaml", weights(50, 50));

    JsonObject after = lint("done", 3);
    assertThat(after.getJsonObject("lint").getLong("findings")).isZero();
    assertThat(after.encode()).doesNotContain("WF136");
    assertThat(admin("/metrics")).doesNotContain("weft_config_findings{code=\"WF136\"");
    assertThat(text("/")).isEqualTo("well");
  }

  @Test
  void aSettingTurnsItOff() throws Exception {
    admin = FreePorts.next();
    gateway(
        rules(FOLDER),
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {lint: off}
        """);

    assertThat(lint("off", 1).getJsonArray("problems")).isEmpty();
  }

  /** What {@code /config} tells once the lint of a version has come to a state. */
  private JsonObject lint(String state, long version) throws Exception {
    JsonObject told = new JsonObject(admin("/config"));
    for (int i = 0; i < 2_000 && !at(told, state, version); i++) {
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
      told = new JsonObject(admin("/config"));
    }
    assertThat(at(told, state, version)).as(told.encode()).isTrue();
    return told;
  }

  private static boolean at(JsonObject told, String state, long version) {
    return told.getString("version").equals(Long.toString(version))
        && told.getJsonObject("lint", new JsonObject()).getString("state", "").equals(state);
  }
}
