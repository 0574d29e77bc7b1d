package dev.weft.control.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.kubernetes.discovery.NamedService;
import dev.weft.routing.clock.SystemTicker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.servicediscovery.Record;
import io.vertx.servicediscovery.ServiceDiscovery;
import io.vertx.servicediscovery.kubernetes.KubernetesServiceImporter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The relay over the wire, asked by the importer itself and by others. */
@Timeout(90)
final class RelayIT {

  private static final int WAIT_SECONDS = 60;
  private static final String LIST = "/api/v1/namespaces/-/services";
  private static final String WATCH =
      LIST + "?watch=true&allowWatchBookmarks=true&resourceVersion=";

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private Relay relay;
  private int port;

  @BeforeEach
  void open() throws Exception {
    relay = on(() -> new Relay(vertx, new SystemTicker(), "secret"));
    port = done(on(() -> relay.listen(0)));
  }

  @AfterEach
  void close() throws Exception {
    done(vertx.close());
  }

  @Test
  void theImporterSeesWhatComesAndChangesAndGoes() throws Exception {
    ServiceDiscovery discovery = ServiceDiscovery.create(vertx);
    show("a", 80);
    done(discovery.registerServiceImporter(new KubernetesServiceImporter(), settings()));
    assertThat(done(discovery.getRecords(record -> true))).hasSize(1);

    show("b", 81);
    until(discovery, List.of("a:80", "b:81"));
    show("a", 82);
    show("b", 83);
    show("b", 81); // as it was, before anyone saw
    until(discovery, List.of("a:82", "b:81"));
    gone("a");
    until(discovery, List.of("b:81"));
    gone("b");
    show("b", 81);
    gone("b");
    until(discovery, List.of());

    assertThat(on(relay::begun)).isEqualTo(1);
    discovery.close();
  }

  @Test
  void watchesBeginOneASecond() throws Exception {
    long before = System.nanoTime();
    try (Socket first = ask("GET " + WATCH + "0 HTTP/1.1", "secret")) {
      assertThat(status(first)).isEqualTo("HTTP/1.1 200 OK");
      try (Socket second = ask("GET " + WATCH + "0 HTTP/1.1", "secret")) {
        ended(first); // the newest alone is served
        assertThat(status(second)).isEqualTo("HTTP/1.1 200 OK");
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Relay.APART);
  }

  @Test
  void whoHasNotTheTokenIsRefusedAndWhoAsksForElseIs() throws Exception {
    show("a", 80);

    assertThat(answer("GET " + LIST + " HTTP/1.1", "guess")).startsWith("HTTP/1.1 401 ");
    assertThat(answer("GET /api/v1/secrets HTTP/1.1", "secret")).startsWith("HTTP/1.1 403 ");
    assertThat(answer("GET " + LIST + "/../secrets HTTP/1.1", "secret"))
        .startsWith("HTTP/1.1 403 ");
    assertThat(answer("GET " + LIST + "/%2e%2e/pods HTTP/1.1", "secret"))
        .startsWith("HTTP/1.1 403 ");
    assertThat(answer("POST " + LIST + " HTTP/1.1", "secret")).startsWith("HTTP/1.1 405 ");
    try (Socket good = ask("GET " + LIST + " HTTP/1.1", "secret")) {
      assertThat(status(good)).isEqualTo("HTTP/1.1 200 OK");
    }
  }

  private JsonObject settings() {
    return new JsonObject()
        .put("host", "127.0.0.1")
        .put("port", port)
        .put("ssl", false)
        .put("namespace", "-")
        .put("token", "secret");
  }

  private void show(String name, int number) throws Exception {
    NamedService service =
        new NamedService(
            "prod", name, "ClusterIP", List.of(new NamedService.Port("http", number, "TCP")));
    shown(Map.of("prod/" + name, Optional.of(service)));
  }

  private void gone(String name) throws Exception {
    shown(Map.of("prod/" + name, Optional.empty()));
  }

  private void shown(Map<String, Optional<NamedService>> changes) throws Exception {
    on(
        () -> {
          relay.show(changes);
          return true;
        });
  }

  private void until(ServiceDiscovery discovery, List<String> wanted) throws Exception {
    List<String> seen = List.of();
    for (int tries = 0; tries < 20 * WAIT_SECONDS && !seen.equals(wanted); tries++) {
      done(vertx.timer(50, TimeUnit.MILLISECONDS));
      seen =
          done(discovery.getRecords(record -> true)).stream().map(RelayIT::text).sorted().toList();
    }
    assertThat(seen).isEqualTo(wanted);
  }

  private static String text(Record record) {
    return record.getName() + ":" + record.getLocation().getInteger("port");
  }

  private String answer(String line, String token) throws IOException {
    try (Socket socket = ask(line, token)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private Socket ask(String line, String token) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(WAIT_SECONDS * 1000);
    OutputStream out = socket.getOutputStream();
    String head =
        line + "\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer " + token + "\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String status(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\r' && next >= 0; next = in.read()) {
      line.append((char) next);
    }
    return line.toString();
  }

  /** Reads on to the last chunk. */
  private static void ended(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder all = new StringBuilder();
    while (all.indexOf("\r\n0\r\n\r\n") < 0) {
      int next = in.read();
      assertThat(next).as(all.toString()).isNotNegative();
      all.append((char) next);
    }
  }

  private <T> T on(Callable<T> task) throws Exception {
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        now -> {
          try {
            promise.complete(task.call());
          } catch (Exception e) {
            promise.fail(e);
          }
        });
    return done(promise.future());
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
  }
}
