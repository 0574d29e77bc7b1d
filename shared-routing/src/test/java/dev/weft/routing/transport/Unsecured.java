package dev.weft.routing.transport;

import dev.weft.routing.cluster.UpstreamTls;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Optional;

/** No credentials at all: for tests that speak in the clear. */
public final class Unsecured implements UpstreamCredentials {

  @Override
  public Future<ClientSSLOptions> optionsFor(UpstreamTls tls, Vertx vertx) {
    return Future.failedFuture("no test of TLS");
  }

  @Override
  public Optional<String> refusal(UpstreamTls tls, List<Certificate> peer) {
    return Optional.of("no test of TLS");
  }

  @Override
  public Optional<String> introduction(UpstreamTls tls) {
    return Optional.empty();
  }
}
