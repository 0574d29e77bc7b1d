package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults that a rule asks for come as often as it says, and shadows never show. */
@Timeout(120)
final class FaultSharesIT extends WaysFixture {

  private static final int CALLS = 2000;
  private static final Way WAY = new Way(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1, false);
  private static final String SERVICE =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: %s}
      spec:
        hosts: [%s.test]
        resolution: STATIC
        ports: [{number: 80, name: http}]
        endpoints: [{address: 127.0.0.1, ports: {http: %d}}]
      """;

  private final AtomicLong reached = new AtomicLong();

  /** All over one connection, at most fifty at once. */
  private List<HttpClientResponse> calls(int count) throws Exception {
    HttpClientConnection connection = connected(WAY);
    List<HttpClientResponse> all = new ArrayList<>();
    while (all.size() < count) {
      List<Future<HttpClientResponse>> some = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        some.add(sent(connection, HttpMethod.GET, "/"));
      }
      for (Future<HttpClientResponse> one : some) {
        all.add(await(one));
      }
    }
    return all;
  }

  private void served(String rule, String... more) throws Exception {
    int backend =
        backend(
            request -> {
              reached.incrementAndGet();
              request.response().end("fine");
            });
    List<String> documents = new ArrayList<>(List.of(rules(rule), entry(backend)));
    documents.addAll(List.of(more));
    gateway(documents.toArray(String[]::new));
  }

  /** Five standard deviations of so many draws. */
  private static int wide(double part) {
    return (int) Math.ceil(5 * Math.sqrt(CALLS * part * (1 - part)));
  }

  @Test
  void abortsComeInTheirShareAndReachNobody() throws Exception {
    served(
        "{fault: {abort: {httpStatus: 418, percentage: {value: 30}}},"
            + " route: [{destination: {host: backend.test}}]}");

    List<HttpClientResponse> all = calls(CALLS);

    long aborted = all.stream().filter(one -> one.statusCode() == 418).count();
    assertThat(aborted).isBetween(600L - wide(0.3), 600L + wide(0.3));
    assertThat(all.stream().filter(one -> one.statusCode() == 200).count())
        .isEqualTo(CALLS - aborted);
    assertThat(reached).hasValue(CALLS - aborted);
  }

  @Test
  void abortsOfGrpcSayItsStatusAndDelaysAreDrawnOnTheirOwn() throws Exception {
    served(
        "{fault: {abort: {grpcStatus: UNAVAILABLE, percentage: {value: 25}},"
            + " delay: {fixedDelay: 1ms, percentage: {value: 50}}},"
            + " route: [{destination: {host: backend.test}}]}");

    List<HttpClientResponse> all = calls(CALLS);

    long aborted = all.stream().filter(one -> "14".equals(one.getHeader("grpc-status"))).count();
    assertThat(aborted).isBetween(500L - wide(0.25), 500L + wide(0.25));
    assertThat(all).allMatch(one -> one.statusCode() == 200);
    assertThat(reached).hasValue(CALLS - aborted);
  }

  @Test
  void delaysComeInTheirShare() throws Exception {
    served(
        "{fault: {delay: {fixedDelay: 60s, percentage: {value: 10}}},"
            + " route: [{destination: {host: backend.test}}]}");
    List<Future<HttpClientResponse>> all = new ArrayList<>();
    List<HttpClientConnection> connections = new ArrayList<>();

    for (int i = 0; i < CALLS / 50; i++) { // in rounds: a connection takes a hundred at once
      HttpClientConnection connection = connected(WAY);
      connections.add(connection);
      for (int j = 0; j < 50; j++) {
        all.add(sent(connection, HttpMethod.GET, "/"));
      }
    }

    long undelayed = settled(reached);
    assertThat(CALLS - undelayed).isBetween(200L - wide(0.1), 200L + wide(0.1));
    assertThat(all.stream().filter(Future::failed)).isEmpty();
    for (HttpClientConnection connection : connections) {
      await(connection.close()); // who waits for it goes
    }
  }

  @Test
  void severalShadowsThatHangDieOrAreSlowNeverShow() throws Exception {
    AtomicInteger copies = new AtomicInteger();
    AtomicLong healthy = new AtomicLong();
    int fine =
        backend(
            request -> {
              healthy.incrementAndGet();
              request.response().end("nobody reads this");
            });
    int hanging = backend(request -> copies.incrementAndGet()); // no answer, ever
    int dying = backend(request -> request.connection().close());
    int slow =
        backend(request -> vertx.setTimer(2000, later -> request.response().end("too late")));
    served(
        "{mirrors: [{destination: {host: hanging.test}, percentage: {value: 50}},"
            + " {destination: {host: dying.test}}, {destination: {host: slow.test}},"
            + " {destination: {host: nobody.test}}, {destination: {host: fine.test}}],"
            + " route: [{destination: {host: backend.test}}]}",
        SERVICE.formatted("hanging", "hanging", hanging),
        SERVICE.formatted("fine", "fine", fine),
        SERVICE.formatted("dying", "dying", dying),
        SERVICE.formatted("slow", "slow", slow),
        SERVICE.formatted("nobody", "nobody", 1));

    List<HttpClientResponse> all = calls(CALLS);

    assertThat(all).allMatch(one -> one.statusCode() == 200);
    assertThat(reached).hasValue(CALLS);
    assertThat(copies.get()).as("copies that wait are bounded").isBetween(1, 128);
    assertThat(settled(healthy)).as("and take no place of the others").isEqualTo(CALLS);
  }
}
