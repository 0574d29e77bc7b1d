package dev.weft.control.stream;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.Main;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.testkit.FreePorts;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one endpoint change costs the streams of many proxies: a control plane as a process of its
 * own, and proxies that do nothing but read. {@code -Dweft.scale=full} is the size of
 * docs/performance.md, with its bounds of time and memory; without it, bytes and lines are counted.
 */
@Timeout(300)
final class StreamScaleIT {

  private static final Logger LOG = LoggerFactory.getLogger(StreamScaleIT.class);
  private static final boolean FULL = "full".equals(System.getProperty("weft.scale"));
  private static final int SERVICES = FULL ? 1000 : 60;
  private static final int ENDPOINTS = 10; // of each
  private static final int PROXIES = FULL ? 200 : 6;
  private static final int NAMESPACES = FULL ? 20 : 3;
  private static final int CHANGES = FULL ? 20 : 3;
  private static final int LARGEST_CHANGE = 4096; // bytes, of a slice of ten endpoints
  private static final long LARGEST_MILLIS = 1000;
  private static final long LARGEST_MEMORY = 512L << 10; // KiB

  @TempDir private Path folder;

  private final Ticker ticker = new SystemTicker();
  private final Vertx vertx = Vertx.vertx();
  private Process control;
  private int port;
  private int admin;

  @BeforeEach
  void start() throws Exception {
    Files.createDirectories(folder.resolve("mesh"));
    for (int i = 0; i < SERVICES; i++) {
      write(i, 0);
    }
    port = FreePorts.next();
    admin = FreePorts.next();
  }

  @AfterEach
  void end() throws Exception {
    done(vertx.close());
    control.destroy();
    assertThat(control.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void oneEndpointChangeIsOneSmallLineForEachProxy() throws Exception {
    List<ReadingProxy> proxies = proxies();
    control = process();
    for (ReadingProxy proxy : proxies) {
      proxy.open("127.0.0.1", port);
    }
    all(proxies, 1);
    long whole = proxies.get(0).received();
    List<Long> millis = new ArrayList<>();
    List<Long> bytes = new ArrayList<>();

    for (int change = 1; change <= CHANGES; change++) {
      long before = proxies.stream().mapToLong(ReadingProxy::received).sum();
      long began = ticker.nanos();
      write(change, change);
      all(proxies, change + 1);
      millis.add((ticker.nanos() - began) / 1_000_000);
      bytes.add((proxies.stream().mapToLong(ReadingProxy::received).sum() - before) / PROXIES);
    }

    LOG.info(
        "{} proxies, {} endpoints: {} bytes at first, then {} each; ms until the last has it: {}; {}",
        PROXIES,
        SERVICES * ENDPOINTS,
        whole,
        bytes,
        millis.stream().sorted().toList(),
        memory());
    assertThat(proxies).allSatisfy(one -> assertThat(one.lines()).isEqualTo(CHANGES + 1));
    assertThat(bytes).allSatisfy(one -> assertThat(one).isBetween(1L, (long) LARGEST_CHANGE));
    assertThat(sent()).hasSize(PROXIES).containsOnly(CHANGES + 1L);
    assertThat(whole).isGreaterThan(SERVICES * (ENDPOINTS * 100L));
    if (FULL) {
      assertThat(millis).allSatisfy(one -> assertThat(one).isLessThan(LARGEST_MILLIS));
      assertThat(memory("VmHWM")).isLessThan(LARGEST_MEMORY);
    }
  }

  private void all(List<ReadingProxy> proxies, int lines) throws Exception {
    Future<?> all =
        Future.all(proxies.stream().map(one -> one.until(lines)).collect(Collectors.toList()));
    all.toCompletionStage().toCompletableFuture().get(120, TimeUnit.SECONDS);
  }

  private List<ReadingProxy> proxies() throws Exception {
    CertificateAuthority authority =
        CertificateAuthority.open(
            folder.resolve("ca"), StreamFixture.MESH, Duration.ofDays(1), ticker);
    List<ReadingProxy> all = new ArrayList<>();
    for (int i = 0; i < PROXIES; i++) {
      SpiffeId id = new SpiffeId(StreamFixture.MESH, "n" + i % NAMESPACES, "a" + i);
      all.add(new ReadingProxy(vertx, authority.own(id), ticker));
    }
    return all;
  }

  private Process process() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms64m",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "control",
            "--config",
            "dir:" + folder.resolve("mesh"),
            "--ca-dir",
            folder.resolve("ca").toString(),
            "--listen",
            "127.0.0.1:" + port,
            "--admin",
            String.valueOf(admin))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("control.log").toFile())
        .start();
  }

  /** The version that each proxy was sent, as the admin port tells. */
  private List<Long> sent() throws Exception {
    HttpRequest ask =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/proxies")).build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(ask, HttpResponse.BodyHandlers.ofString());
    return new JsonObject(answer.body())
        .getJsonArray("proxies").stream().map(one -> ((JsonObject) one).getLong("sent")).toList();
  }

  private String memory() throws IOException {
    return "VmRSS " + memory("VmRSS") + " KiB, VmHWM " + memory("VmHWM") + " KiB";
  }

  private long memory(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc", control.pid() + "", "status")).stream()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  /** A Service and its endpoints, in a file that is replaced at once. */
  private void write(int service, int version) throws IOException {
    String namespace = "n" + service % NAMESPACES;
    String name = "service-" + service;
    String endpoints =
        IntStream.range(0, ENDPOINTS)
            .mapToObj(
                one ->
                    """
                    - addresses: ["10.%d.%d.%d"]
                      conditions: {ready: true}
                      zone: zone-%d
                    """
                        .formatted(service / 250, service % 250, one + 20 * version, one % 3))
            .collect(Collectors.joining());
    Path draft = folder.resolve("draft");
    Files.writeString(
        draft,
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %1$s, namespace: %2$s}
        spec: {ports: [{name: http, port: 8080}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: %1$s-a, namespace: %2$s, labels: {kubernetes.io/service-name: %1$s}}
        addressType: IPv4
        ports: [{name: http, port: 8080}]
        endpoints:
        %3$s"""
            .formatted(name, namespace, endpoints));
    Files.move(
        draft,
        folder.resolve("mesh").resolve(name + ".yaml"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
