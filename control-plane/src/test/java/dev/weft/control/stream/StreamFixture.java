package dev.weft.control.stream;

import static dev.weft.control.MeshServer.done;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import dev.weft.control.MeshServer;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An authority, and servers and workloads that it vouches for. */
abstract class StreamFixture {

  static final String MESH = "cluster.local";

  @TempDir Path folder;

  final Ticker ticker = new SystemTicker();
  Vertx vertx;
  CertificateAuthority authority;

  @BeforeEach
  void found() throws Exception {
    vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1)); // as a control plane has
    authority = CertificateAuthority.open(folder, MESH, Duration.ofDays(1), ticker);
  }

  @AfterEach
  void close() throws Exception {
    done(vertx.close());
  }

  HttpServer server(Handler<HttpServerRequest> answers) throws Exception {
    return MeshServer.open(vertx, authority.own(SpiffeId.control(MESH)), ticker, answers);
  }

  WorkloadIdentity workload(String namespace, String account) throws Exception {
    return authority.own(new SpiffeId(MESH, namespace, account));
  }

  /** Each document a file of its own, so that it is the same wherever it stands. */
  static MeshConfig config(String... documents) {
    LoadResult read =
        ConfigLoader.load(
            Stream.of(documents)
                .map(text -> new ConfigDocument("t", text.hashCode() + ".yaml", text))
                .toList());
    if (!read.accepted()) {
      throw new IllegalArgumentException(read.problems().toString());
    }
    return read.config();
  }

  /** Answers with {@code body}, which is what tells one version of it from another. */
  static String rule(String namespace, String name, String exportTo, String body) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s, namespace: %s}
        spec:
          hosts: [%s.test]
          exportTo: ['%s']
          http: [{directResponse: {status: 200, body: {string: '%s'}}}]
        """
        .formatted(name, namespace, name, exportTo, body);
  }

  static String rule(String name, String body) {
    return rule("prod", name, "*", body);
  }
}
