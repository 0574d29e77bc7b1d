package dev.weft.control;

import static dev.weft.control.MeshServer.done;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.MeshConfig;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.discovery.ControlAddresses;
import dev.weft.routing.discovery.ControlStream;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.load.Figures;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Control planes behind one name, each a process with a configuration of its own, are killed. */
@Timeout(120)
final class ControlLossIT {

  private static final String MESH = "cluster.local";
  private static final Duration WITHIN = Duration.ofSeconds(1);

  @TempDir private Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final SystemTicker ticker = new SystemTicker();
  private final BlockingQueue<String> applied = new LinkedBlockingQueue<>();
  private final Map<String, Process> control = new LinkedHashMap<>(); // by what it tells
  private ControlStream stream;

  @BeforeEach
  void begin() throws Exception {
    WorkloadIdentity own =
        CertificateAuthority.open(folder.resolve("ca"), MESH, Duration.ofDays(1), ticker)
            .own(new SpiffeId(MESH, "prod", "search"));
    int port = FreePorts.next();
    List<String> addresses = List.of("127.0.0.1", "127.0.0.2", "127.0.0.3");
    for (String address : addresses) {
      control.put(address, control(address, port));
    }
    for (String address : addresses) {
      saidReady(address);
    }
    for (String address : addresses) { // as one that serves other proxies already
      try (ControlStream before = open(own, port, List.of(address))) {
        before.start();
        assertThat(applied.poll(20, SECONDS)).isEqualTo(address);
      }
    }
    stream = open(own, port, addresses);
    stream.start();
  }

  @AfterEach
  void end() throws Exception {
    stream.close();
    control.values().forEach(Process::destroyForcibly);
    done(vertx.close());
  }

  @Test
  void aProxyIsAtAnotherControlPlaneASecondAfterItsOwnWasKilled() throws Exception {
    String first = applied.poll(20, SECONDS);
    assertThat(first).isEqualTo("127.0.0.1");

    List<Long> millis = new ArrayList<>();
    for (String next : List.of("127.0.0.2", "127.0.0.3")) {
      done(vertx.timer(2, SECONDS)); // what is lost at once is taken for a fault
      long killed = System.nanoTime();
      control.get(first).destroyForcibly(); // SIGKILL
      assertThat(applied.poll(20, SECONDS)).isEqualTo(next);
      millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed));
      first = next;
    }

    Figures.tell("a control plane killed: another one after %s ms".formatted(millis));
    // the better of two: the other may have found the machine busy
    assertThat(millis.stream().min(Long::compare).orElseThrow()).isLessThan(WITHIN.toMillis());
  }

  private ControlStream open(WorkloadIdentity own, int port, List<String> addresses) {
    return new ControlStream(
        vertx,
        new ControlAddresses("control", port, () -> Future.succeededFuture(addresses), all -> 0),
        () -> Optional.of(MeshTls.toControl(own, ticker)),
        trust -> {},
        new ControlStream.Own(this::apply, () -> true, () -> Standing.NONE));
  }

  private Future<Void> apply(MeshConfig config) {
    applied.add(config.virtualServices().get(0).meta().name());
    return Future.succeededFuture();
  }

  private Process control(String address, int port) throws IOException {
    Path config = Files.createDirectory(folder.resolve(address));
    Files.writeString(
        config.resolve("shop.yaml"),
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s, namespace: prod}
        spec: {hosts: [shop.test], http: [{directResponse: {status: 200}}]}
        """
            .formatted(address));
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "weft-control.jar").toAbsolutePath().toString(),
                "control",
                "--config",
                "dir:" + config,
                "--listen",
                address + ":" + port,
                "--ca-dir",
                folder.resolve("ca").toString(),
                "--state-dir",
                folder.resolve("state-" + address).toString()));
    return builder.redirectErrorStream(true).redirectOutput(log(address).toFile()).start();
  }

  private Path log(String address) {
    return folder.resolve(address + ".log");
  }

  private void saidReady(String address) throws Exception {
    boolean there = false;
    for (int i = 0; !there && i < 1_500; i++) {
      there = Files.readString(log(address)).contains("control plane of " + MESH);
      done(vertx.timer(20, TimeUnit.MILLISECONDS));
    }
    assertThat(there).as(Files.readString(log(address))).isTrue();
  }
}
