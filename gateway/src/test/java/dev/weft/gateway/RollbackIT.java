package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A running gateway tells what served before, and goes back to it. */
@Timeout(60)
final class RollbackIT extends GatewayFixture {

  private void begin() throws Exception {
    admin = FreePorts.next();
    int first = backend(request -> request.response().end("v1"));
    int second = backend(request -> request.response().setStatusCode(500).end("v2"));
    gateway(weights(100, 0), entry(first, second));
    assertThat(text("/")).isEqualTo("v1");
  }

  private JsonObject page(String path) throws Exception {
    return new JsonObject(admin(path));
  }

  private JsonObject post(String path) throws Exception {
    Buffer body =
        await(
            client(new HttpClientOptions())
                .request(HttpMethod.POST, admin, "127.0.0.1", path)
                .compose(request -> Requests.sent(request.putHeader("x-weft-admin", "1")))
                .compose(GatewayFixture::body));
    return new JsonObject(body);
  }

  private void write(int v1, int v2, String seen) throws Exception {
    write("rules.yaml", weights(v1, v2));
    assertThat(eventually(seen)).as(seen).isTrue();
  }

  private List<JsonObject> versions() throws Exception {
    return page("/config/history").getJsonArray("versions").stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  @Test
  void theVersionBeforeServesAgainAndStandsInItsFile() throws Exception {
    begin();
    write(0, 100, "v2");
    assertThat(eventually(() -> versions().size() == 2)).isTrue();
    List<JsonObject> before = versions();
    text("/"); // counts as the second one's: the first that it answered may not

    JsonObject done = post("/config/rollback");
    String seen = text("/");

    assertThat(seen).as("at once: %s", done).isEqualTo("v1");
    assertThat(folder.resolve("rules.yaml")).hasContent(weights(100, 0));
    assertThat(done.getJsonArray("sources"))
        .isEqualTo(
            new JsonArray()
                .add(
                    new JsonObject()
                        .put("source", "dir:" + folder)
                        .put("restored", true)
                        .put("written", true)));
    JsonObject newest = versions().get(0);
    assertThat(newest.getLong("version")).isEqualTo(done.getLong("version"));
    assertThat(newest.getString("cause"))
        .isEqualTo("rollback to " + done.getLong("to") + ", asked for from 127.0.0.1");
    assertThat(done.getLong("to")).isEqualTo(before.get(1).getLong("version"));
    JsonObject change = before.get(0).getJsonArray("changes").getJsonObject(0);
    assertThat(change.getString("summary"))
        .isEqualTo("VirtualService default/rules: spec.http[0].route[0].weight 100 → 0 and 1 more");
    JsonObject failing = newest.getJsonObject("before");
    assertThat(failing.getLong("failed")).as("v2 fails: %s", newest).isPositive();

    write(50, 50, "v2"); // what is edited afterwards counts
    assertThat(versions().get(0).getString("cause")).isEqualTo("dir:" + folder);
  }

  @Test
  void noRequestFailsMeanwhile() throws Exception {
    admin = FreePorts.next();
    int first = backend(request -> request.response().end("v1"));
    int second = backend(request -> request.response().end("v2"));
    gateway(weights(100, 0), entry(first, second));
    SteadyCallers callers =
        SteadyCallers.of(client(new HttpClientOptions()), () -> options(HttpMethod.GET, "/"));
    for (int i = 0; i < 10; i++) {
      write(0, 100, "v2"); // the very text of before the rollback, perhaps at once after it
      JsonObject done = post("/config/rollback");
      assertThat(eventually("v1")).as("%s", done).isTrue();
      assertThat(done.getJsonArray("sources").getJsonObject(0).getBoolean("written"))
          .as("%s", done)
          .isTrue();
    }
    callers.stop();

    assertThat(callers.bad()).isZero();
    assertThat(callers.good()).isGreaterThan(100);
  }

  @Test
  void anyVersionThatIsKeptMayBeNamed() throws Exception {
    begin();
    long oldest = versions().get(0).getLong("version");
    write(0, 100, "v2");
    write("rules.yaml", rules("{directResponse: {status: 200, body: {string: third}}}"));
    assertThat(eventually("third")).isTrue();

    post("/config/rollback?version=" + oldest);

    assertThat(text("/")).isEqualTo("v1");
    assertThat(folder.resolve("rules.yaml")).hasContent(weights(100, 0));
    assertThat(page("/config/resources?version=" + oldest).encode())
        .contains("\"spec.http[0].route[0].weight\":\"100\"");
  }

  @Test
  void aFolderThatCannotBeWrittenIsToldAndWhatIsRolledBackHoldsUntilItChanges() throws Exception {
    begin();
    write(0, 100, "v2");
    Files.writeString(folder.resolve("rules.yaml"), weights(0, 100) + "nonsense: true\n");
    for (int i = 0; i < 500 && !admin("/config").contains("nonsense"); i++) {
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      JsonObject done = post("/config/rollback");

      assertThat(text("/")).isEqualTo("v1");
      JsonObject source = done.getJsonArray("sources").getJsonObject(0);
      assertThat(source.getBoolean("restored")).isTrue();
      if (!"root".equals(System.getProperty("user.name"))) { // whom no permission stops
        assertThat(source.getBoolean("written")).isFalse();
        assertThat(source.getString("why")).contains("permission denied");
      }
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void whatCannotBeDoneIsToldInASentence() throws Exception {
    begin();

    assertThat(post("/config/rollback").getString("error"))
        .isEqualTo("there is no version before the one that serves");
    assertThat(post("/config/rollback?version=99").getString("error"))
        .isEqualTo("version 99 is not kept (/config/history lists those that are)");
    assertThat(post("/config/rollback?version=x").getString("error"))
        .isEqualTo("version: 'x' (expected: a number)");
    assertThat(page("/config/resources?version=99").getString("error"))
        .isEqualTo("version: it is not kept");
  }
}
