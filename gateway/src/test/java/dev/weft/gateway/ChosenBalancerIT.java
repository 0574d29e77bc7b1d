package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each balancer that a DestinationRule may choose, by where requests come out. */
final class ChosenBalancerIT extends GatewayFixture {

  private static final String TO_BACKEND = "{route: [{destination: {host: backend.test}}]}";

  private final BlockingQueue<String> held = new LinkedBlockingQueue<>(); // who holds a request
  private final Queue<HttpServerRequest> unanswered = new ConcurrentLinkedQueue<>();
  private HttpClient client;

  @AfterEach
  void release() {
    unanswered.forEach(request -> request.response().end());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ROUND_ROBIN", "PASSTHROUGH"})
  void oneAfterTheOther(String simple) throws Exception {
    begin("{simple: " + simple + "}");

    List<String> seen = asked(20);

    for (int i = 1; i < seen.size(); i++) {
      assertThat(seen.get(i)).as("%s", seen).isNotEqualTo(seen.get(i - 1));
    }
  }

  @Test
  void byChanceNobodyIsSparedWhoIsBusy() throws Exception {
    begin("{simple: RANDOM}");
    String busy = hold();

    List<String> seen = asked(60);

    assertThat(new HashSet<>(seen)).as("busy: %s", busy).containsExactlyInAnyOrder("a", "b");
    assertThat(alternates(seen)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{simple: LEAST_REQUEST}", "{simple: LEAST_CONN}", "{}"})
  void whoIsBusyIsSpared(String balancer) throws Exception {
    begin(balancer);
    String busy = hold();

    assertThat(asked(60)).doesNotContain(busy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ringHash: {minimumRingSize: 512}", "maglev: {tableSize: 251}"})
  void theSameHeaderLeadsToTheSameEndpoint(String table) throws Exception {
    begin("{consistentHash: {httpHeaderName: X-User, " + table + "}}");

    Set<String> used = new HashSet<>();
    for (int user = 0; user < 40; user++) {
      String first = asked("/", "x-user", "user " + user);
      used.add(first);
      assertThat(asked("/", "x-user", "user " + user)).isEqualTo(first);
      assertThat(asked("/other", "x-user", "user " + user)).isEqualTo(first);
    }

    assertThat(used).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void theSameQueryParameterLeadsToTheSameEndpoint() throws Exception {
    begin("{consistentHash: {httpQueryParameterName: user}}");

    Set<String> used = new HashSet<>();
    for (int user = 0; user < 40; user++) {
      String first = asked("/?user=" + user);
      used.add(first);
      assertThat(asked("/x?a=1&user=" + user)).isEqualTo(first);
    }

    assertThat(used).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void oneCallerStaysWithOneEndpointBySourceAddress() throws Exception {
    begin("{consistentHash: {useSourceIp: true}}");

    assertThat(new HashSet<>(asked(30))).hasSize(1);
  }

  @Test
  void aCookieThatIsGivenLeadsBack() throws Exception {
    begin("{consistentHash: {httpCookie: {name: sticky, ttl: 60s}}}");

    for (int i = 0; i < 10; i++) {
      HttpClientResponse first = await(answer("/"));
      String cookie = first.getHeader("set-cookie");
      assertThat(cookie).startsWith("sticky=").contains("Max-Age=60");
      String name = await(first.body()).toString();
      String pair = cookie.substring(0, cookie.indexOf(';'));
      assertThat(asked("/", "cookie", pair)).isEqualTo(name);
      assertThat(asked("/", "cookie", pair)).isEqualTo(name);
    }
  }

  private static boolean alternates(List<String> seen) {
    for (int i = 1; i < seen.size(); i++) {
      if (seen.get(i).equals(seen.get(i - 1))) {
        return false;
      }
    }
    return true;
  }

  private void begin(String balancer) throws Exception {
    int a = backend(request -> answer(request, "a"));
    int b = backend(request -> answer(request, "b"));
    gateway(
        rules(TO_BACKEND),
        entry(a, b),
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: backend}
        spec: {host: backend.test, trafficPolicy: {loadBalancer: %s}}
        """
            .formatted(balancer));
    client = client(new HttpClientOptions());
  }

  private void answer(HttpServerRequest request, String name) {
    if (request.path().equals("/hold")) {
      unanswered.add(request);
      held.add(name);
    } else {
      request.response().end(name);
    }
  }

  private String hold() throws Exception {
    answer("/hold");
    String name = held.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(name).as("it holds a request").isNotNull();
    return name;
  }

  private List<String> asked(int count) throws Exception {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(asked("/"));
    }
    return all;
  }

  private String asked(String target, String... header) throws Exception {
    Future<Buffer> body = answer(target, header).compose(HttpClientResponse::body);
    return await(body).toString();
  }

  /** Its body is kept for whoever asks for it later. */
  private Future<HttpClientResponse> answer(String target, String... header) {
    RequestOptions options = options(HttpMethod.GET, target);
    for (int i = 0; i < header.length; i += 2) {
      options.putHeader(header[i], header[i + 1]);
    }
    return client
        .request(options)
        .onSuccess(request -> request.authority(HostAndPort.create("shop.test", 80)))
        .compose(Requests::sent)
        .compose(response -> response.body().map(response));
  }
}
