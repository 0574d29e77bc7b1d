package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.gateway.RandomRules.Asked;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.verticle.GatewayListening;
import dev.weft.routing.verticle.Listening;
import dev.weft.routing.verticle.edge.IssuedCertificates;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * More than ten thousand random requests to gateways with random configurations: each explanation
 * says what the gateway did, as those saw it that it was done to. {@code -Dweft.fuzz.seed=N}
 * repeats a run.
 */
@Timeout(300)
final class FuzzedDecisionsIT extends GatewayFixture {

  private static final long SEED = Long.getLong("weft.fuzz.seed", 20_260_901);
  private static final int CONFIGURATIONS = 20;
  private static final int BATCHES = 12;
  private static final int BATCH = 50; // fewer than copies may be under way
  private static final int COMPARED = 10_000;
  private static final int REPLAYED = 10; // each tenth: rules are compiled for each
  private static final String ASK = "x-weft-explain";

  private final Map<String, AtomicInteger> arrived = new ConcurrentHashMap<>(); // by request id
  private final Map<Integer, String> subsets = new ConcurrentHashMap<>(); // by port
  private final Set<String> kinds = new TreeSet<>();
  private int edge;
  private int compared;

  /** A request, and what became of it as its caller saw it. */
  private record Seen(Asked asked, HttpClientResponse response, Buffer body) {
    ToldDecision told() {
      List<String> lines = response.headers().getAll(ASK);
      assertThat(lines).as(this::toString).hasSize(1);
      return ToldDecision.of(lines.get(0));
    }

    @Override
    public String toString() {
      return asked + " -> " + response.statusCode() + " " + response.headers().entries();
    }
  }

  private void echo(HttpServerRequest request) {
    String id = request.getHeader("x-request-id");
    arrived.computeIfAbsent(id, any -> new AtomicInteger()).incrementAndGet();
    JsonObject seen =
        new JsonObject()
            .put("port", request.localAddress().port())
            .put("target", request.uri())
            .put("host", request.getHeader("host"))
            .put("id", id);
    request.response().end(seen.encode());
  }

  private void begin() throws Exception {
    accessLog = state.resolve("access.log").toString();
    edge = FreePorts.next();
    admin = FreePorts.next();
    StringBuilder endpoints = new StringBuilder();
    for (String subset : List.of("v1", "v2", "v3")) {
      int own = backend(this::echo);
      subsets.put(own, subset);
      endpoints.append(endpoint(own, ", labels: {version: " + subset + "}"));
    }
    String others = endpoint(backend(this::echo), "") + endpoint(backend(this::echo), "");
    write(
        "services.yaml", entry("backend", endpoints.toString()) + "---\n" + entry("other", others));
    write(
        "gateway.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
          - port: {number: %d, name: http, protocol: HTTP}
            bind: 127.0.0.1
            hosts: ['*']
        """
            .formatted(edge));
    gateway(
        new Plan(Map.of(), true, true),
        (snapshot, self) -> {
          List<Listening> all =
              new ArrayList<>(
                  GatewayListening.of(
                      snapshot,
                      self.store(),
                      self.carriage(),
                      self.identities(),
                      new IssuedCertificates()));
          all.add(listening(snapshot, self));
          return all;
        });
  }

  private static String entry(String name, String endpoints) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %1$s}
        spec:
          hosts: [%1$s.test]
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints:
        %2$s
        """
        .formatted(name, endpoints);
  }

  private static String endpoint(int port, String more) {
    return "  - {address: 127.0.0.1, ports: {http: %d}%s}\n".formatted(port, more);
  }

  @Test
  void everyExplanationSaysWhatWasDone() throws Exception {
    begin();
    RandomRules rules = new RandomRules(SEED);
    HttpClient[] clients = {client(HttpVersion.HTTP_1_1), client(HttpVersion.HTTP_2)};

    for (int i = 0; i < CONFIGURATIONS; i++) {
      long version = serving(rules.services() + "---\n" + rules.policies());
      for (int batch = 0; batch < BATCHES; batch++) {
        boolean multiplexed = (batch & 1) == 1;
        int to = (batch & 2) == 0 ? port : edge;
        List<Future<Seen>> asked = new ArrayList<>();
        for (int one = 0; one < BATCH; one++) {
          asked.add(ask(clients[multiplexed ? 1 : 0], to, rules.request(to)));
        }
        await(Future.join(asked));
        for (Future<Seen> seen : asked) {
          compare(seen.result(), version, to);
        }
        replay(asked);
      }
    }

    assertThat(compared).as("beside what nobody can mean").isGreaterThanOrEqualTo(COMPARED);
    assertThat(kinds)
        .as("seed %d", SEED)
        .contains(
            "forwarded", "redirected", "answered", "no_route", "denied", "aborted", "mirrored")
        .contains("shared", "rewritten", "delayed");
  }

  private HttpClient client(HttpVersion version) {
    return client(
        new HttpClientOptions()
            .setProtocolVersion(version)
            .setHttp2ClearTextUpgrade(false)
            .setDefaultHost("127.0.0.1"));
  }

  /** The version of a configuration once it serves. */
  private long serving(String text) throws Exception {
    long before = version();
    write("random.yaml", text);
    for (int i = 0; i < 500; i++) {
      JsonObject config = new JsonObject(admin("/config"));
      assertThat(config.getLong("rejected")).as("seed %d: %s\n%s", SEED, config, text).isZero();
      if (Long.parseLong(config.getString("version")) > before) {
        return version();
      }
      LockSupport.parkNanos(10_000_000);
    }
    throw new AssertionError("it does not serve: " + text);
  }

  private long version() throws Exception {
    return Long.parseLong(new JsonObject(admin("/config")).getString("version"));
  }

  private Future<Seen> ask(HttpClient client, int to, Asked asked) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(asked.method()))
            .setHost("127.0.0.1")
            .setPort(to)
            .setURI(asked.target());
    return client
        .request(options)
        .compose(
            request -> {
              request.authority(HostAndPort.parseAuthority(asked.host(), -1));
              request.putHeader(ASK, "1");
              for (int i = 0; i < asked.headers().size(); i += 2) {
                request.headers().add(asked.headers().get(i), asked.headers().get(i + 1));
              }
              return Requests.sent(request);
            })
        .compose(response -> response.body().map(body -> new Seen(asked, response, body)));
  }

  private void compare(Seen seen, long version, int to) throws Exception {
    if (seen.response.statusCode() == 400) { // nothing was decided about what nobody can mean
      assertThat(seen.response.headers().contains(ASK)).as(seen::toString).isFalse();
      return;
    }
    ToldDecision told = seen.told();
    compared++;
    assertThat(told.has("differs")).as(seen::toString).isFalse();
    assertThat(told.text("config")).as(seen::toString).isEqualTo(Long.toString(version));
    assertThat(told.text("port")).as(seen::toString).isEqualTo(Integer.toString(to));
    assertThat(told.text("status"))
        .as(seen::toString)
        .isEqualTo(Integer.toString(seen.response.statusCode()));
    assertThat(seen.response.headers().get("location"))
        .as(seen::toString)
        .isEqualTo(told.facts().get("redirect"));
    int copies = told.has("mirrors") ? told.text("mirrors").split(" ", -1).length : 0;
    boolean sent = !told.text("attempts").equals("0");
    if (sent) {
      forwarded(seen, told);
    } else {
      assertThat(seen.body.toString()).as(seen::toString).doesNotContain("\"port\"");
    }
    arrivals(seen, told.text("id"), sent ? 1 + copies : 0);
    note(told, sent, copies);
  }

  private void forwarded(Seen seen, ToldDecision told) {
    JsonObject reached = seen.body.toJsonObject();
    int at = reached.getInteger("port");
    assertThat(told.text("endpoint")).as(seen::toString).isEqualTo("127.0.0.1:" + at);
    assertThat(told.text("cluster"))
        .as(seen::toString)
        .isEqualTo(
            subsets.containsKey(at)
                ? "outbound|80|" + subsets.get(at) + "|backend.test"
                : "outbound|80||other.test");
    assertThat(told.text("path")).as(seen::toString).isEqualTo(reached.getString("target"));
    assertThat(told.text("host")).as(seen::toString).isEqualTo(reached.getString("host"));
    assertThat(told.text("id")).as(seen::toString).isEqualTo(reached.getString("id"));
  }

  /** Copies come when they come. */
  private void arrivals(Seen seen, String id, int wanted) {
    AtomicInteger count = arrived.getOrDefault(id, new AtomicInteger());
    for (int i = 0; i < 500 && count.get() < wanted; i++) {
      LockSupport.parkNanos(10_000_000);
      count = arrived.getOrDefault(id, count);
    }
    assertThat(count.get()).as(seen::toString).isEqualTo(wanted);
  }

  /** Decides again about some of them, by what is kept of them. */
  private void replay(List<Future<Seen>> asked) throws Exception {
    for (int i = 0; i < asked.size(); i += REPLAYED) {
      Seen seen = asked.get(i).result();
      if (!seen.response.headers().contains(ASK)) {
        continue;
      }
      ToldDecision told = seen.told();
      JsonObject again = new JsonObject(why(told.text("id")));
      assertThat(again.getBoolean("same")).as("%s\n%s", seen, again).isTrue();
      assertThat(again.getJsonObject("logged").getString("route"))
          .as(seen::toString)
          .isEqualTo(told.text("route"));
      if (told.has("cluster")) {
        assertThat(again.getString("drawn")).as(seen::toString).isEqualTo(told.text("cluster"));
        assertThat(again.getString("target")).as(seen::toString).isEqualTo(told.text("path"));
        assertThat(again.getString("authority")).as(seen::toString).isEqualTo(told.text("host"));
        JsonObject fault = again.getJsonObject("drawn_fault", new JsonObject());
        assertThat(String.valueOf(fault.getValue("abort_status", "")))
            .as(seen::toString)
            .isEqualTo(told.text("abort"));
        assertThat(fault.containsKey("delay_ms")).as(seen::toString).isEqualTo(told.has("delay"));
        assertThat(String.join(" ", drawn(again.getJsonArray("drawn_mirrors", new JsonArray()))))
            .as(seen::toString)
            .isEqualTo(told.text("mirrors"));
      }
      if (told.has("redirect")) {
        assertThat(again.getString("redirect")).as(seen::toString).isEqualTo(told.text("redirect"));
      }
    }
  }

  private static List<String> drawn(JsonArray mirrors) {
    return mirrors.stream().map(String::valueOf).toList();
  }

  /** The log is written a moment later. */
  private String why(String id) throws Exception {
    String told = admin("/why?id=" + id);
    for (int i = 0; i < 500 && told.contains("no request"); i++) {
      LockSupport.parkNanos(10_000_000);
      told = admin("/why?id=" + id);
    }
    return told;
  }

  private void note(ToldDecision told, boolean sent, int copies) {
    kinds.add(
        sent
            ? "forwarded"
            : told.has("redirect")
                ? "redirected"
                : told.has("refused")
                    ? told.text("refused")
                    : told.has("abort") ? "aborted" : "answered");
    if (sent && copies > 0) {
      kinds.add("mirrored");
    }
    if (told.has("shares")) {
      kinds.add("shared");
    }
    if (told.has("delay")) {
      kinds.add("delayed");
    }
    if (told.text("path").startsWith("/rewritten")) {
      kinds.add("rewritten");
    }
  }
}
