package dev.weft.control.stream;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.discovery.ControlAddresses;
import dev.weft.routing.discovery.ControlStream;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.discovery.standing.Standing.Ports;
import dev.weft.routing.discovery.standing.Standing.Trouble;
import dev.weft.routing.identity.IdentityStore.TrustTold;
import dev.weft.routing.identity.MeshTls;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a proxy makes of what a control plane sends, which here is a test that may send anything.
 */
@Timeout(60)
final class ControlStreamIT extends StreamFixture {

  private static final MeshConfig ONE = config(rule("a", "one"));
  private static final MeshConfig TWO = config(rule("b", "two"));
  private static final MeshConfig BOTH = config(rule("a", "one"), rule("b", "two"));

  private final BlockingQueue<HttpServerResponse> streams = new LinkedBlockingQueue<>();
  private final BlockingQueue<JsonObject> acknowledged = new LinkedBlockingQueue<>();
  private final BlockingQueue<MeshConfig> applied = new LinkedBlockingQueue<>();
  private Function<MeshConfig, Future<Void>> apply = next -> Future.succeededFuture();
  private final BlockingQueue<TrustTold> trusted = new LinkedBlockingQueue<>();
  private volatile Standing standing = Standing.NONE;
  private volatile int status = 204; // of answers to acknowledgements
  private ControlStream stream;

  @BeforeEach
  void listen() throws Exception {
    HttpServer server = server(this::answer);
    ClientSSLOptions tls = MeshTls.toControl(workload("prod", "search"), ticker);
    stream =
        new ControlStream(
            vertx,
            ControlAddresses.of(vertx, "127.0.0.1", server.actualPort()),
            () -> Optional.of(tls),
            trusted::add,
            new ControlStream.Own(
                next -> {
                  applied.add(next);
                  return apply.apply(next);
                },
                () -> true,
                () -> standing));
    stream.start();
  }

  @AfterEach
  void end() {
    stream.close();
  }

  private void answer(HttpServerRequest request) {
    if (request.path().equals("/v1/config")) {
      HttpServerResponse response = request.response().setChunked(true);
      response.putHeader("x-weft-stream", "17");
      response.write("{}\n");
      streams.add(response);
    } else {
      request
          .body()
          .onSuccess(
              body -> {
                acknowledged.add(body.toJsonObject());
                request.response().setStatusCode(status).end();
              });
    }
  }

  @Test
  void whatIsNotKnownYetChangesNothing() throws Exception {
    HttpServerResponse open = next(streams);

    open.write(line(0, MeshConfig.EMPTY));
    open.write("{}\n" + line(1, ONE));

    assertThat(next(applied)).isEqualTo(ONE);
    assertThat(next(acknowledged)).isEqualTo(acknowledgement(1, ""));
    assertThat(applied).isEmpty();
    assertThat(acknowledged).isEmpty();
  }

  @Test
  void aConfigurationOfNothingIsAChange() throws Exception {
    next(streams).write(line(1, ONE) + line(2, MeshConfig.EMPTY, "VirtualService/prod/a"));

    assertThat(next(applied)).isEqualTo(ONE);
    assertThat(next(applied)).isEqualTo(MeshConfig.EMPTY);
  }

  @Test
  void changesAddToWhatIsThere() throws Exception {
    next(streams)
        .write(line(1, ONE) + line(2, TWO) + line(3, MeshConfig.EMPTY, "VirtualService/prod/a"));

    assertThat(List.of(next(applied), next(applied), next(applied)))
        .containsExactly(ONE, BOTH, TWO);
    assertThat(List.of(next(acknowledged), next(acknowledged), next(acknowledged)))
        .extracting(one -> one.getLong("version"))
        .containsExactly(1L, 2L, 3L);
  }

  @Test
  void whatDidNotChangeIsNotReadAgain() throws Exception {
    next(streams).write(line(1, BOTH) + line(2, config(rule("b", "three"))));

    MeshConfig before = next(applied);
    MeshConfig after = next(applied);

    assertThat(after).isEqualTo(config(rule("a", "one"), rule("b", "three")));
    assertThat(after.virtualServices().get(0)).isSameAs(before.virtualServices().get(0));
  }

  @Test
  void aKindOfALaterVersionIsLeftOut() throws Exception {
    JsonObject set = new JsonObject().put("Oracle/prod/a", "{\"says\":1}");
    ConfigCodec.write(ONE).forEach(set::put);

    next(streams).write(new JsonObject().put("version", 1).put("set", set).encode() + "\n");

    assertThat(next(applied)).isEqualTo(ONE);
    assertThat(next(acknowledged)).isEqualTo(acknowledgement(1, ""));
  }

  @Test
  void whatCannotServeIsRefusedWithItsReason() throws Exception {
    apply = next -> Future.failedFuture("port 80 is taken");

    next(streams).write(line(7, ONE));

    assertThat(next(acknowledged)).isEqualTo(acknowledgement(7, "port 80 is taken"));
  }

  @Test
  void howItStandsGoesWithTheAnswerAndAgainWhenItChanges() throws Exception {
    Trouble trouble = new Trouble("Gateway", "edge", "web", 443, "cannot listen on 0.0.0.0:443");
    Ports ports = new Ports("edge", "web", List.of(80), List.of(443));
    Standing taken = new Standing("gateway", List.of(trouble), List.of(ports));
    standing = taken;
    status = 400; // an answer has arrived whatever is said of it
    next(streams).write(line(3, ONE));
    JsonObject first = next(acknowledged);
    assertThat(Standing.read(first)).isEqualTo(taken);

    standing = Standing.NONE;
    JsonObject again = next(acknowledged);

    assertThat(again).isEqualTo(acknowledgement(3, ""));
    assertThat(acknowledged).isEmpty();
  }

  @Test
  void aLineIsTakenOnceTheOneBeforeItServes() throws Exception {
    Promise<Void> serves = Promise.promise();
    apply = next -> next.equals(ONE) ? serves.future() : Future.succeededFuture();
    next(streams).write(line(1, ONE) + line(2, TWO));
    assertThat(next(applied)).isEqualTo(ONE);
    assertThat(acknowledged).isEmpty();

    serves.complete();

    assertThat(next(acknowledged)).isEqualTo(acknowledgement(1, ""));
    assertThat(next(applied)).isEqualTo(BOTH);
  }

  @Test
  void aStreamThatEndsIsOpenedAgainAndTakenWhole() throws Exception {
    HttpServerResponse first = next(streams);
    first.write(line(5, ONE));
    assertThat(next(applied)).isEqualTo(ONE);
    next(acknowledged);

    first.end();
    HttpServerResponse again = next(streams);
    again.write(line(0, MeshConfig.EMPTY)); // it is not ready itself
    again.write(line(1, TWO));

    assertThat(next(applied)).isEqualTo(TWO);
  }

  @Test
  void whatCannotBeReadEndsTheStreamAndChangesNothing() throws Exception {
    for (String broken :
        List.of(
            "{\"version\":\n",
            "[1,2]\n",
            "{\"version\":1,\"set\":{\"VirtualService/prod/a\":\"{]\"},\"remove\":[]}\n",
            "{\"version\":1,\"set\":[],\"remove\":{}}\n")) {
      next(streams).write(broken);
    }

    next(streams).write(line(2, ONE));

    assertThat(next(applied)).isEqualTo(ONE);
    assertThat(next(acknowledged)).isEqualTo(acknowledgement(2, ""));
    assertThat(applied).isEmpty();
  }

  private static <T> T next(BlockingQueue<T> queue) throws Exception {
    T next = queue.poll(20, SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  private static String line(long version, MeshConfig set, String... remove) {
    JsonObject resources = new JsonObject();
    ConfigCodec.write(set).forEach(resources::put);
    return new JsonObject()
            .put("version", version)
            .put("set", resources)
            .put("remove", new JsonArray(List.of(remove)))
            .encode()
        + "\n";
  }

  private static JsonObject acknowledgement(long version, String why) {
    return new JsonObject()
        .put("version", version)
        .put("accepted", why.isEmpty())
        .put("why", why)
        .put("stream", 17)
        .mergeIn(Standing.NONE.json());
  }
}
