package dev.weft.routing.verticle.edge;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.routing.snapshot.PortServers.Owned;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Contexts of servers with {@code ISTIO_MUTUAL}: they show the identity that this proxy has now,
 * and take workloads of its mesh only. Nothing of an identity outlives it: a context is its own, so
 * that no session of one is taken up with the next.
 */
final class MeshContexts {

  private static final Logger LOG = LoggerFactory.getLogger(MeshContexts.class);
  private static final int MOST_HELD = 64;

  private final IdentityStore identities;
  private final Ticker ticker;
  private final Map<Owned, Made> held = new ConcurrentHashMap<>();

  /**
   * @param context empty where none can be made
   */
  private record Made(Optional<WorkloadIdentity> identity, Optional<SslContext> context) {}

  MeshContexts(IdentityStore identities, Ticker ticker) {
    this.identities = identities;
    this.ticker = ticker;
  }

  /** Whom the mesh takes no more. */
  Revocations revoked() {
    return identities.current().map(WorkloadIdentity::revoked).orElse(Revocations.NONE);
  }

  /** Empty as long as there is no identity. */
  Future<Optional<SslContext>> of(Owned server) {
    Optional<WorkloadIdentity> now = identities.current();
    Made known = held.get(server);
    if (known == null || !known.identity.equals(now)) {
      known = new Made(now, made(server, now));
      if (held.size() >= MOST_HELD) {
        held.clear(); // of servers that are gone
      }
      held.put(server, known);
    }
    return Future.succeededFuture(known.context);
  }

  private Optional<SslContext> made(Owned server, Optional<WorkloadIdentity> identity) {
    if (identity.isEmpty()) {
      LOG.warn(
          "server {} at {}: ISTIO_MUTUAL, and this proxy has no identity (expected: --identity)",
          server.server().name(),
          server.server().place());
      return Optional.empty();
    }
    try {
      return Optional.of(
          MeshTls.gateway(
              identity.get(),
              ticker,
              ServerMaterial.versions(server.server().tls().orElseThrow()),
              server.server().http()));
    } catch (SSLException e) {
      LOG.error("the certificate of {} cannot be used: {}", identity.get().id(), e.getMessage());
      return Optional.empty();
    }
  }
}
