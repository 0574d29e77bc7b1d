package dev.weft.gateway;

import dev.weft.testkit.TestCertificates.Leaf;
import dev.weft.testkit.token.TestKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** An issuer's server of keys, well and ill. */
final class KeyServer {

  private final HttpServer server;
  private final Future<HttpServer> listening;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Consumer<HttpServerRequest> answer = request -> request.response().end("{}");

  /**
   * @param certificate of HTTPS; empty for plaintext
   */
  KeyServer(Vertx vertx, Optional<Leaf> certificate) {
    HttpServerOptions options = new HttpServerOptions();
    certificate.ifPresent(
        leaf ->
            options
                .setSsl(true)
                .setKeyCertOptions(
                    new PemKeyCertOptions()
                        .addCertValue(Buffer.buffer(leaf.certificate()))
                        .addKeyValue(Buffer.buffer(leaf.key()))));
    server = vertx.createHttpServer(options).requestHandler(this::handle);
    listening = server.listen(0, "127.0.0.1");
  }

  private void handle(HttpServerRequest request) {
    asked.incrementAndGet();
    answer.accept(request);
  }

  Future<Integer> port() {
    return listening.map(HttpServer::actualPort);
  }

  int asked() {
    return asked.get();
  }

  void keys(TestKey... keys) {
    says(TestKey.set(keys));
  }

  void says(String text) {
    answer = request -> request.response().end(text);
  }

  void answers(Consumer<HttpServerRequest> how) {
    answer = how;
  }

  Future<Void> close() {
    return server.close();
  }
}
