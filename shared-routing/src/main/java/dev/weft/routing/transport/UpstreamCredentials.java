package dev.weft.routing.transport;

import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.identity.PeerFault;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Optional;

/** What a connection to an endpoint is secured with. Any thread may ask. */
public interface UpstreamCredentials {

  /**
   * For one kind of security; the same instance until something changes, since a new one is a new
   * TLS context.
   *
   * @param vertx to read files with, off the event loop; call on the context that is to go on
   * @return fails with a sentence where this proxy has no identity (yet), or a file is missing
   */
  Future<ClientSSLOptions> optionsFor(UpstreamTls tls, Vertx vertx);

  /**
   * The same of TLS to the outside for connections that are not HTTP.
   *
   * @return fails with a sentence where a file is missing; may come from another thread
   */
  default Future<SslContext> contextFor(UpstreamTls.Origination tls, Vertx vertx) {
    return Future.failedFuture("TLS to the outside is not offered here");
  }

  /** Why the peer is not whom {@code tls} expects; empty when it is. */
  Optional<String> refusal(UpstreamTls tls, List<Certificate> peer);

  /** What this proxy tells such a peer of its workload, as {@code x-weft-peer}. */
  Optional<String> introduction(UpstreamTls tls);

  /**
   * Hears of a peer that was not taken: to be counted, and told once a minute.
   *
   * @param sentence the endpoint and what is wrong with what it showed
   */
  default void refused(PeerFault fault, String sentence) {}
}
