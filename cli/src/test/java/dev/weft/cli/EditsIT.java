package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import dev.weft.testkit.load.Calls;
import dev.weft.testkit.load.Figures;
import dev.weft.testkit.load.Load;
import dev.weft.testkit.load.LoadReport;
import dev.weft.testkit.load.LoadRun;
import dev.weft.testkit.load.Way;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A folder is edited all the time while a gateway's process serves from it. */
@Timeout(1200)
final class EditsIT extends ProcessFixture {

  private static final int PER_SECOND = Figures.length(120, 350);
  private static final int WARM_UP = 20; // edits before anything is measured
  private static final Duration MOST = Duration.ofMinutes(15);

  private final TestCertificates authority = new TestCertificates(Instant.now());
  private final List<Leaf> leaves =
      List.of(
          authority.good("spiffe://mesh.test/ns/a/sa/one"),
          authority.good("spiffe://mesh.test/ns/a/sa/two"));
  private int secured;
  private int further;

  /** Every rule that says {@code x-edit: N} sends everything to one version: even to v1. */
  private void shop(int edit) throws IOException {
    write(
        "shop.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: shop}
        spec:
          hosts: [shop.test]
          gateways: [edge, mesh]
          http:
          - headers: {response: {set: {x-edit: "%d"}}}
            route:
            - {destination: {host: backend.test, subset: v1}, weight: %d}
            - {destination: {host: backend.test, subset: v2}, weight: %d}
        """
            .formatted(edit, edit % 2 == 0 ? 100 : 0, edit % 2 == 0 ? 0 : 100));
  }

  private void subsets(boolean third) throws IOException {
    write(
        "subsets.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: backend}
        spec:
          host: backend.test
          subsets:
          - {name: v1, labels: {version: v1}}
          - {name: v2, labels: {version: v2}}
        %s"""
            .formatted(third ? "  - {name: v3, labels: {version: v3}}\n" : ""));
  }

  private void hosts(int edit) throws IOException {
    write(
        "hosts.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: other}
        spec: {hosts: [other-%d.test], http: [{route: [{destination: {host: backend.test}}]}]}
        """
            .formatted(edit % 7));
  }

  private void listeners(boolean more) throws IOException {
    String server =
        """
          - port: {number: %d, name: %s, protocol: HTTPS}
            bind: 127.0.0.1
            hosts: [shop.test]
            tls: {mode: SIMPLE, credentialName: shop}
        """;
    write(
        "edge.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
        """
            + server.formatted(secured, "https")
            + (more ? server.formatted(further, "more") : ""));
  }

  private void certificate(int edit) throws IOException {
    Leaf leaf = leaves.get(edit % leaves.size());
    write(
        "secret.yaml",
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: shop}
        stringData:
          tls.crt: |
        %s
          tls.key: |
        %s
        """
            .formatted(indented(leaf.certificate()), indented(leaf.key())));
  }

  private static String indented(String pem) {
    return pem.strip().lines().map(line -> "    " + line).collect(Collectors.joining("\n"));
  }

  private void edit(int number) throws IOException {
    switch (number % 5) {
      case 1 -> hosts(number);
      case 2 -> subsets(number % 10 == 2);
      case 3 -> listeners(number % 10 == 3);
      case 4 -> certificate(number / 5);
      default -> {} // weights alone
    }
    shop(number);
  }

  private void begin() throws Exception {
    int first = backend(request -> request.response().end("v1"));
    int second = backend(request -> request.response().end("v2"));
    secured = FreePorts.next();
    further = FreePorts.next();
    write(
        "backend.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: backend}
        spec:
          hosts: [backend.test]
          resolution: STATIC
          ports: [{number: 80, name: http}]
          endpoints:
          - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v1}}
          - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v2}}
        """
            .formatted(first, second));
    for (int i = 0; i < 5; i++) {
      edit(i);
    }
  }

  private Load load(LaunchedGateway gateway) {
    PemTrustOptions trust = new PemTrustOptions().addCertValue(Buffer.buffer(authority.rootPem()));
    Calls calls =
        new Calls() {
          @Override
          public RequestOptions request(long number) {
            int port = number % 6 < 3 ? gateway.port : secured;
            return new RequestOptions().setHost("shop.test").setPort(port).setURI("/");
          }

          @Override
          public Optional<String> fault(long number, Answer answer) {
            return EditsIT.fault(answer);
          }
        };
    return Load.of(gateway.port, PER_SECOND, MOST, calls)
        .over(
            Way.kept(),
            Way.fresh(),
            Way.http2(),
            Way.kept().over(trust),
            Way.fresh().over(trust),
            Way.http2().over(trust));
  }

  /** Whole answers only, and of the version that their rule says. */
  private static Optional<String> fault(Calls.Answer answer) {
    String edit = answer.headers().get("x-edit");
    if (answer.status() != 200 || edit == null) {
      return Optional.of("status " + answer.status() + ", x-edit " + edit);
    }
    String wanted = Integer.parseInt(edit) % 2 == 0 ? "v1" : "v2";
    return answer.body().toString().equals(wanted)
        ? Optional.empty()
        : Optional.of("edit " + edit + " answered by " + answer.body());
  }

  @Test
  void editsUnderLoadFailNobodyAndTakeEffectAtOnce() throws Exception {
    begin();
    int edits = Figures.length(200, 10_000);
    try (LaunchedGateway gateway = LaunchedGateway.start(folder, config);
        RawHttp probe = probe(gateway)) {
      LoadRun run = LoadRun.start(vertx, load(gateway));
      Footprint before = Footprint.outside(gateway.process().pid());
      List<Long> nanos = new ArrayList<>();
      for (int i = 5; i < edits + WARM_UP; i++) {
        if (i == WARM_UP) {
          before = Footprint.of(gateway.process().pid());
        }
        long took = effect(probe, i);
        if (i >= WARM_UP) {
          nanos.add(took);
        }
      }
      LoadReport report = await(run.stop());
      Footprint after = Footprint.of(gateway.process().pid());

      nanos.sort(Long::compare);
      Figures.tell(
          "edits: %d, effect p50 %d ms, p99 %d ms; %s; before %s, after %s"
              .formatted(
                  edits,
                  nanos.get(nanos.size() / 2) / 1_000_000,
                  nanos.get(nanos.size() * 99 / 100) / 1_000_000,
                  report,
                  before,
                  after));
      assertThat(report.failures()).isEmpty();
      assertThat(report.good()).isGreaterThan(500);
      assertThat(after.files()).isLessThanOrEqualTo(before.files() + 30);
      assertThat(after.liveKib()).isLessThanOrEqualTo(before.liveKib() + 32 * 1024);
      assertThat(gateway.process().said()).doesNotContain("ERROR ConfigVerticle");
    }
  }

  private RawHttp probe(LaunchedGateway gateway) throws Exception {
    gateway.process().says("ready");
    return new RawHttp(gateway.port);
  }

  /** From the edit to the first answer that has it, on one kept connection. */
  private long effect(RawHttp probe, int number) throws Exception {
    long began = System.nanoTime();
    edit(number);
    String wanted = "x-edit: " + number + "\r\n";
    for (int i = 0; i < 10_000; i++) {
      probe.send("GET / HTTP/1.1\r\nhost: shop.test\r\n\r\n");
      String head = probe.head();
      probe.next(2);
      if (head.contains(wanted)) {
        return System.nanoTime() - began;
      }
      await(vertx.timer(2, TimeUnit.MILLISECONDS)); // the load comes first
    }
    throw new AssertionError("edit " + number + " takes no effect");
  }
}
