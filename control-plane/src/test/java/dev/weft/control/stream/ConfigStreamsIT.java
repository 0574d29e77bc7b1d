package dev.weft.control.stream;

import static dev.weft.control.MeshServer.done;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import dev.weft.control.issue.Callers;
import dev.weft.control.issue.JsonErrors;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.parsetools.RecordParser;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What each proxy is sent, over the real wire. */
@Timeout(120)
final class ConfigStreamsIT extends StreamFixture {

  private HttpClientAgent client; // a client that nobody holds closes itself
  private ConfigStreams streams;
  private HttpServer server;

  /** A proxy that listens: all lines but signs of life. */
  private static final class Proxy {

    private final BlockingQueue<JsonObject> lines = new LinkedBlockingQueue<>();
    private final Map<String, String> resources = new HashMap<>();
    private final HttpClientResponse response;
    private final Promise<Void> alive = Promise.promise();
    private int received;

    Proxy(HttpClientResponse response) {
      this.response = response;
      RecordParser parser = RecordParser.newDelimited("\n", response);
      parser.handler(
          line -> {
            if (line.length() > 2) {
              lines.add(new JsonObject(line));
            }
            alive.tryComplete();
          });
    }

    /** The next line, taken as a proxy does. */
    JsonObject next() throws Exception {
      JsonObject line = lines.poll(20, SECONDS);
      assertThat(line).isNotNull();
      received++;
      line.getJsonArray("remove").forEach(resources::remove);
      line.getJsonObject("set")
          .forEach(one -> resources.put(one.getKey(), (String) one.getValue()));
      return line;
    }

    MeshConfig until(long version) throws Exception {
      JsonObject line = next();
      while (line.getLong("version") < version) {
        line = next();
      }
      return ConfigCodec.read(resources);
    }
  }

  @BeforeEach
  void serve() throws Exception {
    client =
        vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setUseAlpn(true));
    Router router = JsonErrors.router(vertx);
    streams =
        new ConfigStreams(
            vertx,
            new Callers(authority::roots, MESH, ticker),
            new Viewers(vertx, Optional.empty(), Duration.ZERO),
            ticker);
    streams.mount(router);
    router
        .get("/proxies")
        .handler(context -> context.json(streams.proxies().json(streams.version())));
    server = server(router);
  }

  @Test
  void nothingIsSentBeforeThereIsAConfiguration() throws Exception {
    Proxy proxy = listening(workload("prod", "search"));
    done(proxy.alive.future());

    publish(config(rule("a", "one")));

    JsonObject first = proxy.next();
    assertThat(first.getLong("version")).isEqualTo(1);
    assertThat(first.getJsonObject("set").fieldNames()).containsExactly("VirtualService/prod/a");
  }

  @Test
  void aConfigurationOfNothingIsOneToo() throws Exception {
    publish(config(rule("prod", "a", ".", "one")));

    JsonObject first = listening(workload("shop", "caller")).next();

    assertThat(first.getLong("version")).isEqualTo(1);
    assertThat(first.getJsonObject("set")).isEmpty();
  }

  @Test
  void firstAllIsSentThenWhatChanged() throws Exception {
    MeshConfig first = config(rule("a", "one"), rule("b", "one"), rule("c", "one"));
    MeshConfig second = config(rule("b", "two"), rule("c", "one"));
    publish(first);
    Proxy proxy = listening(workload("prod", "search"));

    assertThat(proxy.until(1)).isEqualTo(first);
    publish(second);
    JsonObject change = proxy.next();

    assertThat(change.getJsonObject("set").fieldNames()).containsExactly("VirtualService/prod/b");
    assertThat(change.getJsonArray("remove")).containsExactly("VirtualService/prod/a");
    assertThat(ConfigCodec.read(proxy.resources)).isEqualTo(second);
    assertThat(listening(workload("prod", "late")).until(2)).isEqualTo(second);
  }

  @Test
  void whomAChangeDoesNotConcernIsNotTold() throws Exception {
    publish(config(rule("prod", "a", ".", "one")));
    Proxy inside = listening(workload("prod", "search"));
    Proxy outside = listening(workload("shop", "caller"));
    inside.next();
    outside.next();

    publish(config(rule("prod", "a", ".", "two")));
    inside.until(2);
    publish(config(rule("prod", "a", ".", "two"), rule("b", "one")));

    JsonObject told = outside.next();
    assertThat(told.getLong("version")).isEqualTo(3);
    assertThat(told.getJsonObject("set").fieldNames()).containsExactly("VirtualService/prod/b");
  }

  @Test
  void aSlowReaderGetsTheNewestAndNoQueueOfOldOnes() throws Exception {
    int versions = 40;
    publish(config(rule("a", "0")));
    Proxy slow = listening(workload("prod", "slow"));
    Proxy quick = listening(workload("prod", "quick"));
    slow.next();
    quick.next();
    slow.response.pause();

    String large = "x".repeat(400_000); // 40 of them are more than sockets hold
    for (int i = 2; i <= versions; i++) {
      publish(config(rule("a", i + large)));
      quick.until(i);
    }
    slow.response.resume();

    MeshConfig last = config(rule("a", versions + large));
    assertThat(slow.until(versions)).isEqualTo(last);
    assertThat(ConfigCodec.read(quick.resources)).isEqualTo(last);
    assertThat(slow.received).isLessThan(versions);
    assertThat(quick.received).isEqualTo(versions);
  }

  @Test
  void whoLeavesIsForgotten() throws Exception {
    publish(config(rule("a", "one")));
    Proxy proxy = listening(workload("prod", "search"));
    proxy.next();
    assertThat(streams.subscribers()).isEqualTo(1);

    done(proxy.response.request().connection().close());
    Promise<Void> gone = Promise.promise();
    vertx.setPeriodic(
        10,
        look -> {
          if (streams.subscribers() == 0) {
            gone.tryComplete();
          }
        });

    done(gone.future());
  }

  @Test
  void whoShowsNoCertificateGetsNothing() throws Exception {
    publish(config(rule("a", "one")));
    ClientSSLOptions nobody = MeshTls.toControl(workload("prod", "search"), ticker).copy();
    nobody.setKeyCertOptions(null);

    HttpClientResponse answer = done(asked(HttpMethod.GET, "/v1/config", nobody, Buffer.buffer()));

    assertThat(answer.statusCode()).isEqualTo(403);
  }

  @Test
  void proxiesTellWhatEachWasToldAndSaidOfIt() throws Exception {
    publish(config(rule("a", "one")));
    WorkloadIdentity search = workload("prod", "search");
    Proxy one = listening(search);
    Proxy other = listening(search);
    Proxy caller = listening(workload("shop", "caller"));
    one.next();
    other.next();
    caller.next();

    answered(search, answer(one, 1).put("accepted", true));
    answered(search, answer(other, 1).put("accepted", false).put("why", "port 80 is taken"));
    answered(search, answer(caller, 1).put("accepted", true)); // of another identity
    answered(search, new JsonObject().put("version", 1).put("accepted", false)); // of which one?

    JsonObject told = proxies();
    assertThat(told.getLong("version")).isEqualTo(1);
    JsonObject first = told.getJsonArray("proxies").getJsonObject(0);
    JsonObject second = told.getJsonArray("proxies").getJsonObject(1);
    JsonObject third = told.getJsonArray("proxies").getJsonObject(2);
    assertThat(first.getString("identity")).isEqualTo("spiffe://cluster.local/ns/prod/sa/search");
    assertThat(first.getBoolean("inSync")).isTrue();
    assertThat(first.containsKey("refused")).isFalse();
    assertThat(second.getLong("sent")).isEqualTo(1);
    assertThat(second.getLong("acknowledged")).isZero();
    assertThat(second.getJsonObject("refused"))
        .isEqualTo(new JsonObject().put("version", 1).put("why", "port 80 is taken"));
    assertThat(third.getString("namespace")).isEqualTo("shop");
    assertThat(third.getBoolean("inSync")).isFalse();
    assertThat(third.containsKey("refused")).isFalse();
  }

  @Test
  void proxiesTellWhatDoesNotWork() throws Exception {
    publish(config(rule("a", "one")));
    WorkloadIdentity edge = workload("edge", "web");
    Proxy one = listening(edge);
    one.next();
    JsonObject trouble =
        new JsonObject()
            .put("kind", "Gateway")
            .put("namespace", "edge")
            .put("name", "web")
            .put("port", 443)
            .put("words", "is\u001b[31m taken");

    answered(
        edge,
        answer(one, 1)
            .put("accepted", true)
            .put("kind", "gateway")
            .put("problems", new JsonArray().add(trouble)));
    JsonObject told = proxies().getJsonArray("proxies").getJsonObject(0);
    assertThat(told.getString("kind")).isEqualTo("gateway");
    assertThat(told.getBoolean("inSync")).isTrue();
    assertThat(told.getJsonArray("problems"))
        .containsExactly(trouble.copy().put("words", "is [31m taken"));

    answered(edge, answer(one, 1).put("accepted", true).put("kind", "gateway"));

    assertThat(proxies().getJsonArray("proxies").getJsonObject(0).getJsonArray("problems"))
        .isEmpty();
  }

  @Test
  void anAnswerWithoutAStreamIsThatOfTheOnlyOne() throws Exception {
    publish(config(rule("a", "one")));
    WorkloadIdentity search = workload("prod", "search");
    listening(search).next();

    answered(search, new JsonObject().put("version", 1).put("accepted", true));

    assertThat(proxies().getJsonArray("proxies").getJsonObject(0).getLong("acknowledged"))
        .isEqualTo(1);
  }

  private static JsonObject answer(Proxy proxy, long version) {
    long stream = Long.parseLong(proxy.response.getHeader("x-weft-stream"));
    return new JsonObject().put("version", version).put("stream", stream);
  }

  private void answered(WorkloadIdentity identity, JsonObject body) throws Exception {
    ClientSSLOptions tls = MeshTls.toControl(identity, ticker);
    String uri = "/v1/config/acknowledged";
    assertThat(done(asked(HttpMethod.POST, uri, tls, body.toBuffer())).statusCode()).isEqualTo(204);
  }

  private JsonObject proxies() throws Exception {
    ClientSSLOptions tls = MeshTls.toControl(workload("weft", "admin"), ticker);
    return done(
        asked(HttpMethod.GET, "/proxies", tls, Buffer.buffer())
            .compose(HttpClientResponse::body)
            .map(Buffer::toJsonObject));
  }

  @Test
  void acknowledgementsAreReadOrRefused() throws Exception {
    assertThat(acknowledged("{\"version\":1,\"accepted\":true,\"why\":\"\"}")).isEqualTo(204);
    assertThat(acknowledged("{\"version\":1,\"accepted\":false,\"why\":\"no\\nway\"}"))
        .isEqualTo(204);
    assertThat(acknowledged("{\"version\":\"one\"}")).isEqualTo(400);
    assertThat(acknowledged("{\"version\":1,\"kind\":\"oracle\"}")).isEqualTo(400);
    assertThat(acknowledged("{\"version\":1,\"problems\":[7]}")).isEqualTo(400);
    assertThat(acknowledged("{")).isEqualTo(400);
    assertThat(acknowledged("\"" + "x".repeat(70_000) + "\"")).isEqualTo(413);
  }

  private int acknowledged(String body) throws Exception {
    return done(asked(
            HttpMethod.POST,
            "/v1/config/acknowledged",
            MeshTls.toControl(workload("prod", "search"), ticker),
            Buffer.buffer(body)))
        .statusCode();
  }

  private Future<HttpClientResponse> asked(
      HttpMethod method, String uri, ClientSSLOptions tls, Buffer body) {
    return client
        .request(
            new RequestOptions()
                .setMethod(method)
                .setHost("127.0.0.1")
                .setPort(server.actualPort())
                .setURI(uri)
                .setSsl(true)
                .setSslOptions(tls))
        .compose(request -> request.send(body));
  }

  private Proxy listening(WorkloadIdentity identity) throws Exception {
    ClientSSLOptions tls = MeshTls.toControl(identity, ticker);
    return done(asked(HttpMethod.GET, "/v1/config", tls, Buffer.buffer()).map(Proxy::new));
  }

  /** On the event loop of the server, which is the streams'. */
  private void publish(MeshConfig config) throws Exception {
    Promise<Void> published = Promise.promise();
    vertx.runOnContext(
        now -> {
          streams.publish(config);
          published.complete();
        });
    done(published.future());
  }
}
