package dev.weft.kubernetes;

import dev.weft.testkit.TestCertificates;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Lists and watches as an API server has them, of any resource, until it is told to fail; and knows
 * when it was called while it failed.
 */
final class ApiServerFake implements AutoCloseable {

  private static final int WAIT_SECONDS = 60;

  private final HttpServer server;
  private final Path kubeconfig;

  private record Event(long version, String path, JsonObject json) {}

  // below: under the lock of this
  private final Map<String, Map<String, JsonObject>> objects = new LinkedHashMap<>(); // by path
  private final Map<ServerWebSocket, String> watches = new LinkedHashMap<>();
  private final List<HttpConnection> connections = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<Long> calls = new ArrayList<>(); // while it fails, nanoTime
  private Optional<Consumer<HttpServerRequest>> failing = Optional.empty();
  private Runnable called = () -> {};
  private long version = 1_000;

  ApiServerFake(Vertx vertx, Path folder) throws Exception {
    TestCertificates authority = new TestCertificates(Instant.now());
    TestCertificates.Leaf leaf = authority.ofAddress("127.0.0.1");
    this.server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setKeyCertOptions(
                        new PemKeyCertOptions()
                            .addCertValue(Buffer.buffer(leaf.certificate()))
                            .addKeyValue(Buffer.buffer(leaf.key()))))
            .connectionHandler(this::connected)
            .requestHandler(this::requested)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(WAIT_SECONDS, TimeUnit.SECONDS);
    this.kubeconfig = written(folder, authority.rootPem(), server.actualPort());
  }

  private static Path written(Path folder, String root, int port) throws IOException {
    Path ca = Files.writeString(folder.resolve("fake-ca.crt"), root);
    return Files.writeString(
        folder.resolve("fake.kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}}]
        contexts: [{name: c, context: {cluster: c, user: u}}]
        current-context: c
        users: [{name: u, user: {token: secret}}]
        """
            .formatted(port, ca));
  }

  Path kubeconfig() {
    return kubeconfig;
  }

  /**
   * Creates or replaces an object, and tells who watches.
   *
   * @param path of its kind, e.g. {@code /api/v1/services}
   */
  synchronized void put(String path, JsonObject object) {
    version++;
    JsonObject meta = object.getJsonObject("metadata");
    meta.put("resourceVersion", Long.toString(version));
    String key = meta.getString("namespace") + "/" + meta.getString("name");
    boolean fresh =
        objects.computeIfAbsent(path, any -> new LinkedHashMap<>()).put(key, object) == null;
    tell(path, new JsonObject().put("type", fresh ? "ADDED" : "MODIFIED").put("object", object));
  }

  private void tell(String path, JsonObject event) {
    events.add(new Event(version, path, event));
    watches.forEach(
        (watch, of) -> {
          if (of.equals(path) && !watch.isClosed()) {
            watch.writeTextMessage(event.encode());
          }
        });
  }

  /** Ends all connections; from now on requests get this. */
  synchronized void fail(Consumer<HttpServerRequest> answer) {
    calls.clear();
    failing = Optional.of(answer);
    List.copyOf(connections).forEach(HttpConnection::close);
  }

  /** Answers again as it should. */
  synchronized void mend() {
    failing = Optional.empty();
  }

  /** As after a backup of long ago was put back: what it counts begins anew. */
  synchronized void forget() {
    version = 1;
    events.clear();
    List.copyOf(connections).forEach(HttpConnection::close);
  }

  /** Waits for so many calls while it fails, and tells how long they took. */
  Duration awaitCalls(int count) throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Void> reached = new CompletableFuture<>();
    synchronized (this) {
      called =
          () -> {
            if (calls.size() >= count) {
              reached.complete(null);
            }
          };
      called.run();
    }
    reached.get(WAIT_SECONDS, TimeUnit.SECONDS);
    synchronized (this) {
      return Duration.ofNanos(calls.get(count - 1) - calls.get(0));
    }
  }

  /** The most calls in any second while it failed. */
  synchronized int mostInASecond() {
    int most = 0;
    for (int from = 0, to = 0; to < calls.size(); to++) {
      while (calls.get(to) - calls.get(from) >= TimeUnit.SECONDS.toNanos(1)) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  private synchronized void connected(HttpConnection connection) {
    connections.add(connection);
    connection.closeHandler(
        closed -> {
          synchronized (this) {
            connections.remove(connection);
          }
        });
  }

  private synchronized void requested(HttpServerRequest request) {
    if (failing.isPresent()) {
      calls.add(System.nanoTime());
      called.run();
      failing.get().accept(request);
    } else {
      served(request);
    }
  }

  private void served(HttpServerRequest request) {
    if (request.path().contains("istio.io")) {
      request.response().setStatusCode(404).end(); // not installed
    } else if (request.getParam("watch") == null) {
      list(request);
    } else {
      long from = Long.parseLong(request.getParam("resourceVersion"));
      request.toWebSocket().onSuccess(socket -> watch(request.path(), from, socket));
    }
  }

  private synchronized void watch(String path, long from, ServerWebSocket socket) {
    if (from > version) {
      gone(socket);
      return;
    }
    events.stream()
        .filter(event -> event.version > from && event.path.equals(path))
        .forEach(event -> socket.writeTextMessage(event.json.encode()));
    watches.put(socket, path);
    socket.closeHandler(
        closed -> {
          synchronized (this) {
            watches.remove(socket);
          }
        });
  }

  /** That what it would watch from is not known. */
  static void gone(ServerWebSocket socket) {
    JsonObject status = new JsonObject().put("kind", "Status").put("code", 410);
    socket.writeTextMessage(new JsonObject().put("type", "ERROR").put("object", status).encode());
  }

  /** Serves a list as when all is well. */
  synchronized void list(HttpServerRequest request) {
    JsonArray items = new JsonArray();
    objects.getOrDefault(request.path(), Map.of()).values().forEach(items::add);
    JsonObject list =
        new JsonObject()
            .put("kind", "List")
            .put("apiVersion", "v1")
            .put("metadata", new JsonObject().put("resourceVersion", Long.toString(version)))
            .put("items", items);
    request.response().putHeader("content-type", "application/json").end(list.encode());
  }

  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
  }
}
