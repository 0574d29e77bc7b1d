package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each proxy on a request's way decides by itself whether its caller may know. */
@Timeout(60)
final class ExplainedHopsIT extends SidecarFixture {

  private static final String ASK = "x-weft-explain";

  private static final String HOST = "search.default.svc.cluster.local";

  private final Map<String, Integer> admins = new HashMap<>();
  private int outbound;
  private final List<String> heard = new CopyOnWriteArrayList<>();

  private void begin(String caller, String callee) throws Exception {
    int application =
        await(
                vertx
                    .createHttpServer(new HttpServerOptions())
                    .requestHandler(
                        request -> {
                          heard.add(request.headers().contains(ASK) ? "asked" : "not asked");
                          request.response().putHeader(ASK, "made; up=1").end("found");
                        })
                    .listen(0, "127.0.0.1"))
            .actualPort();
    int inbound = FreePorts.next();
    String more = settings("caller", caller) + "---\n" + settings("search", callee);
    String folder = "dir:" + config("config", entry(inbound), more);
    start(
        folder,
        SEARCH,
        "search",
        "--inbound",
        "127.0.0.1:" + inbound + "=127.0.0.1:" + application);
    outbound = FreePorts.next();
    start(folder, CALLER, "caller", "--outbound", "127.0.0.1:" + outbound);
  }

  private void start(String folder, String id, String app, String flag, String ports)
      throws Exception {
    int admin = FreePorts.next();
    admins.put(app, admin);
    await(
        sidecar(
            admin,
            "--config",
            folder,
            "--identity",
            "dir:" + identity(app, mesh.good(id)),
            "--service-account",
            "default/" + app,
            "--labels",
            "app=" + app,
            flag,
            ports));
  }

  private static String entry(int inbound) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: search}
        spec:
          hosts: [search.default.svc.cluster.local]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints:
          - {address: 127.0.0.1, ports: {http: %d}, serviceAccount: search}
        """
        .formatted(inbound);
  }

  private static String settings(String app, String explain) {
    return """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: %1$s}
        spec: {selector: {matchLabels: {app: %1$s}}, explain: %2$s}
        """
        .formatted(app, explain);
  }

  private List<String> lines() throws Exception {
    return await(
        agent(new HttpClientOptions())
            .request(
                new RequestOptions()
                    .setMethod(HttpMethod.GET)
                    .setHost("127.0.0.1")
                    .setPort(outbound)
                    .setURI("/find")
                    .putHeader("host", HOST)
                    .putHeader(ASK, "please"))
            .compose(Requests::sent)
            .map(response -> response.headers().getAll(ASK)));
  }

  @Test
  void eachProxyAddsItsLineInTheOrderOfTheWay() throws Exception {
    begin("{header: on}", "{header: on}");

    List<String> lines = lines();

    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).startsWith("outbound; ").contains("host=\"" + HOST + "\"");
    assertThat(lines.get(1)).startsWith("inbound; ").contains("status=200", "route=\"inbound:");
    assertThat(heard).containsExactly("not asked");
  }

  @Test
  void bothEndsDecideAgainWhatTheyDecided() throws Exception {
    accessLog = folder.resolve("access.log").toString();
    begin("{header: on}", "{header: on}");
    String line = lines().get(0);
    String id = line.replaceAll(".*; id=\"([^\"]*)\".*", "$1");

    JsonObject caller = why("caller", id);
    JsonObject callee = why("search", id);

    assertThat(caller.getBoolean("same")).as(caller::encode).isTrue();
    assertThat(caller.getString("drawn")).isEqualTo("outbound|80||" + HOST);
    assertThat(callee.getBoolean("same")).as(callee::encode).isTrue();
    assertThat(callee.getString("at")).startsWith("to the own application");
  }

  /** The log is written a moment later. */
  private JsonObject why(String app, String id) throws Exception {
    String page = "/why?id=" + id;
    String told = admin(admins.get(app), page);
    for (int i = 0; i < 500 && !told.startsWith("200 "); i++) {
      LockSupport.parkNanos(10_000_000);
      told = admin(admins.get(app), page);
    }
    return new JsonObject(told.substring(4));
  }

  @Test
  void aWorkloadMayKnowByItsIdentityAtBothEnds() throws Exception {
    begin("{allow: [%s]}".formatted(CALLER), "{allow: [%s]}".formatted(CALLER));

    assertThat(lines()).hasSize(2);
  }

  @Test
  void whomTheOtherEndDoesNotLetKnowIsToldOfThisEndAlone() throws Exception {
    begin("{header: on}", "{allow: [%s]}".formatted(SEARCH));

    assertThat(lines()).singleElement().asString().startsWith("outbound; ");
    assertThat(heard).containsExactly("not asked");
  }

  @Test
  void whoMayNotKnowHereAsksNobodyBehind() throws Exception {
    begin("{header: off}", "{header: on}");

    assertThat(lines()).containsExactly("made; up=1"); // of the application, as any header of its
    assertThat(heard).containsExactly("not asked");
  }
}
