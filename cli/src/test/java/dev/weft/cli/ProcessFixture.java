package dev.weft.cli;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of a gateway's process stand on: services, and the folder that it serves from. */
abstract class ProcessFixture {

  private static final int PATIENCE_SECONDS = 60;

  /** Of a service: what it holds for a reader who is slow would be another machine's memory. */
  private static final int SEND_BUFFER = 1 << 16;

  @TempDir Path folder;

  final Vertx vertx = Vertx.vertx();
  Path config;

  @BeforeEach
  final void folders() throws IOException {
    config = Files.createDirectory(folder.resolve("config"));
  }

  @AfterEach
  final void closed() throws Exception {
    await(vertx.close());
  }

  static <T> T await(Future<T> future) throws Exception {
    return await(future, PATIENCE_SECONDS);
  }

  static <T> T await(Future<T> future, long seconds) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
  }

  /** The port of a service, over HTTP/1.1 and HTTP/2. */
  final int backend(Handler<HttpServerRequest> answers) throws Exception {
    HttpServerOptions options =
        new HttpServerOptions().setHttp2ClearTextEnabled(true).setSendBufferSize(SEND_BUFFER);
    return await(vertx.createHttpServer(options).requestHandler(answers).listen(0, "127.0.0.1"))
        .actualPort();
  }

  /** {@code shop.test} leads to {@code backend.test}, which is what answers there. */
  final void shop(Handler<HttpServerRequest> answers) throws Exception {
    write(
        "shop.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: shop}
        spec: {hosts: [shop.test], http: [{route: [{destination: {host: backend.test}}]}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: backend}
        spec:
          hosts: [backend.test]
          resolution: STATIC
          ports: [{number: 80, name: http}]
          endpoints: [{address: 127.0.0.1, ports: {http: %d}}]
        """
            .formatted(backend(answers)));
  }

  /** The {@code spec} of the ProxySettings. */
  final void settings(String spec) throws IOException {
    write(
        "settings.yaml",
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: %s
        """
            .formatted(spec));
  }

  /** A file of the folder, there as a whole or not at all. */
  final void write(String name, String text) throws IOException {
    write(config, name, text);
  }

  static void write(Path folder, String name, String text) throws IOException {
    Path draft = folder.resolve("." + name);
    Files.writeString(draft, text);
    Files.move(
        draft,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
