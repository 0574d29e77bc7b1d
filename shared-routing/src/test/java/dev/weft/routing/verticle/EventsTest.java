package dev.weft.routing.verticle;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.identity.IdentitySource;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.resilience.CircuitBreaker.State;
import dev.weft.routing.transport.Unsecured;
import dev.weft.testkit.TestCertificates;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the verticles of one instance tell on the event bus, and with which words. */
@Timeout(60)
final class EventsTest extends ConfigFixture {

  private static final ClusterName SEARCH = ClusterName.outbound("search.test", 80, "");

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  @Test
  void aBreakerTellsEachOfItsStates() throws Exception {
    hear("breaker.opened", "breaker.half-open", "breaker.closed");
    CircuitBreakerVerticle verticle = new CircuitBreakerVerticle(new Unsecured());
    verticle.watch(registry(verticle));
    done(vertx.deployVerticle(verticle));

    verticle.breaker(SEARCH, State.OPEN);
    verticle.breaker(SEARCH, State.HALF_OPEN);
    verticle.breaker(SEARCH, State.CLOSED);

    assertThat(List.of(next(), next(), next()))
        .containsExactly(
            "breaker.opened {\"cluster\":\"outbound|80||search.test\"}",
            "breaker.half-open {\"cluster\":\"outbound|80||search.test\"}",
            "breaker.closed {\"cluster\":\"outbound|80||search.test\"}");
  }

  @Test
  void anEjectionIsToldAndItsEndToo() throws Exception {
    hear("endpoint.ejected", "endpoint.readmitted");
    CircuitBreakerVerticle verticle = new CircuitBreakerVerticle(new Unsecured());
    verticle.watch(registry(verticle));
    done(vertx.deployVerticle(verticle));
    Endpoint endpoint = new Endpoint("10.0.0.1", 80, Map.of(), "", 1, new UpstreamTls.Plaintext());

    verticle.ejection(SEARCH, endpoint, true);
    verticle.ejection(SEARCH, endpoint, false);

    assertThat(next()).startsWith("endpoint.ejected ").contains("\"10.0.0.1:80\"");
    assertThat(next()).startsWith("endpoint.readmitted ").contains("\"10.0.0.1:80\"");
  }

  @Test
  void anOverloadEndsWithItsUpstreamAndIsToldAnew() throws Exception {
    hear("overload.began", "overload.ended");
    OverloadVerticle verticle = new OverloadVerticle(List::of, store, TICKER);
    verticle.init(vertx, vertx.getOrCreateContext());

    verticle.tell(SEARCH, 40);
    verticle.tell(SEARCH, 30);
    verticle.look(); // it is gone
    verticle.look();
    verticle.tell(SEARCH, 20);

    assertThat(List.of(next(), next(), next()))
        .containsExactly(
            "overload.began {\"cluster\":\"outbound|80||search.test\"}",
            "overload.ended {\"cluster\":\"outbound|80||search.test\"}",
            "overload.began {\"cluster\":\"outbound|80||search.test\"}");
  }

  @Test
  void everyIdentityIsToldTheFirstOneToo() throws Exception {
    hear("identity.rotated");
    IdentityStore store = new IdentityStore();
    WorkloadIdentity first = identity("first");
    WorkloadIdentity second = identity("second");
    done(vertx.deployVerticle(new IdentityVerticle(publishing(store, first), store)));

    store.publish(second);

    assertThat(next())
        .isEqualTo(
            "identity.rotated "
                + new JsonObject()
                    .put("id", "spiffe://cluster.local/ns/default/sa/first")
                    .put("notAfter", first.notAfter().toString())
                    .encode());
    assertThat(next()).contains("/sa/second").contains(second.notAfter().toString());
  }

  @Test
  void aChangeIsToldAsAppliedOrWithItsProblemsAsRejected() throws Exception {
    hear("config.applied", "config.rejected");
    ConfigVerticle config = configured();

    done(config.changed("dir:x", Map.of("dir:x", List.of(entry("10.0.0.1")))));
    done(
        config.changed(
            "dir:x", Map.of("dir:x", List.of(new ConfigDocument("dir:x", "x.yaml", "a: [")))));
    done(config.changed("dir:x", Map.of("dir:x", List.of(entry("10.0.0.2")))));

    assertThat(next()).isEqualTo("config.applied {\"version\":1}");
    assertThat(next()).startsWith("config.rejected {\"problems\":[\"x.yaml:1:");
    assertThat(next()).isEqualTo("config.applied {\"version\":2}");
  }

  @Test
  void otherEndpointsOfAClusterAreToldAndTheSameOnesAreNot() throws Exception {
    hear("endpoints.changed");
    ConfigVerticle config = configured();

    done(config.changed("dir:x", Map.of("dir:x", List.of(entry("10.0.0.1")))));
    String first = next();
    done(config.changed("dir:x", Map.of("dir:x", List.of(entry("10.0.0.1"), another()))));
    String second = next();
    done(config.changed("dir:x", Map.of("dir:x", List.of(entry("10.0.0.2"), another()))));
    String third = next();

    assertThat(first).isEqualTo(changed("search.test", "10.0.0.1:8080"));
    assertThat(second).isEqualTo(changed("cart.test", "10.0.0.9:8080"));
    assertThat(third).isEqualTo(changed("search.test", "10.0.0.2:8080"));
  }

  private static String changed(String host, String address) {
    return "endpoints.changed "
        + new JsonObject()
            .put("cluster", "outbound|80||" + host)
            .put("endpoints", new JsonArray().add(address))
            .encode();
  }

  private void hear(String... addresses) {
    for (String address : addresses) {
      vertx
          .eventBus()
          .<JsonObject>localConsumer(
              address, event -> heard.add(address + " " + event.body().encode()));
    }
  }

  private String next() throws InterruptedException {
    return String.valueOf(heard.poll(20, SECONDS));
  }

  private static ConfigDocument entry(String address) {
    return entry("search", address);
  }

  private static ConfigDocument another() {
    return entry("cart", "10.0.0.9");
  }

  private static WorkloadIdentity identity(String account) throws Exception {
    TestCertificates.Leaf leaf =
        new TestCertificates(Instant.ofEpochMilli(TICKER.epochMillis()))
            .good("spiffe://cluster.local/ns/default/sa/" + account);
    return WorkloadIdentity.parse(leaf.certificate(), leaf.key(), leaf.roots(), "cluster.local");
  }

  private static IdentitySource publishing(IdentityStore store, WorkloadIdentity first) {
    return new IdentitySource() {
      @Override
      public Future<WorkloadIdentity> start() {
        store.publish(first);
        return Future.succeededFuture(first);
      }

      @Override
      public void close() {}
    };
  }
}
