package dev.weft.routing.transport;

import dev.weft.config.model.MeshConfig;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.PeerWorkload;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.PeerFault;
import dev.weft.routing.identity.PeerVerifier;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.file.OutsideTls;
import dev.weft.routing.telemetry.LogOncePerMinute;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workload's own identity for connections inside the mesh, and what a DestinationRule names for
 * those to the outside. One TLS context for each: options are kept as long as what they are made of
 * is the same.
 */
public final class MeshCredentials implements UpstreamCredentials {

  private static final Logger LOG = LoggerFactory.getLogger(MeshCredentials.class);

  private final IdentityStore identities;
  private final Ticker ticker;
  private final Optional<String> introduction;
  private final LogOncePerMinute refusals;
  private final OutsideTls outside;
  private volatile @Nullable Made mesh;
  private volatile @Nullable Made control;

  private record Made(WorkloadIdentity identity, ClientSSLOptions options) {}

  /**
   * @param workload that introduces itself inside the mesh
   */
  public MeshCredentials(IdentityStore identities, Ticker ticker, Workload workload) {
    this.identities = identities;
    this.ticker = ticker;
    this.outside = new OutsideTls(ticker);
    this.refusals = new LogOncePerMinute(LOG, ticker);
    this.introduction = Optional.of(PeerWorkload.of(workload).header());
  }

  @Override
  public Optional<String> introduction(UpstreamTls tls) {
    return tls instanceof UpstreamTls.Mesh ? introduction : Optional.empty();
  }

  @Override
  public Future<ClientSSLOptions> optionsFor(UpstreamTls tls, Vertx vertx) {
    if (tls instanceof UpstreamTls.Origination origination) {
      return outside.optionsFor(origination.settings(), vertx);
    }
    return identities
        .current()
        .map(identity -> Future.succeededFuture(inside(identity)))
        .orElseGet(() -> Future.failedFuture("this proxy has no certificate for it yet"));
  }

  @Override
  public Future<SslContext> contextFor(UpstreamTls.Origination tls, Vertx vertx) {
    return outside.contextFor(tls.settings(), vertx);
  }

  /** Forgets what was read for a configuration before this one. */
  public void retain(MeshConfig config) {
    outside.retain(config);
  }

  private ClientSSLOptions inside(WorkloadIdentity identity) {
    Made made = mesh;
    if (made == null || !made.identity.equals(identity)) {
      made = new Made(identity, MeshTls.client(identity, ticker));
      mesh = made;
    }
    return made.options;
  }

  /** For connections to the control plane; empty where there is no identity yet. */
  public Optional<ClientSSLOptions> toControl() {
    return identities.current().map(this::toControl);
  }

  /** What the control plane says of trust. */
  public void told(IdentityStore.TrustTold trust) {
    identities.told(trust);
  }

  private ClientSSLOptions toControl(WorkloadIdentity identity) {
    Made made = control;
    if (made == null || !made.identity.equals(identity)) {
      made = new Made(identity, MeshTls.toControl(identity, ticker));
      control = made;
    }
    return made.options;
  }

  @Override
  public Optional<String> refusal(UpstreamTls tls, List<Certificate> peer) {
    if (!(peer.get(0) instanceof X509Certificate leaf)) {
      return Optional.of("its certificate is no X.509 one");
    }
    if (tls instanceof UpstreamTls.Mesh mesh) {
      String trustDomain = identities.current().map(own -> own.id().trustDomain()).orElse("");
      return PeerVerifier.refusal(leaf, trustDomain, mesh.expected());
    }
    List<String> wanted = ((UpstreamTls.Origination) tls).settings().subjectAltNames();
    return wanted.isEmpty() || PeerVerifier.names(leaf).stream().anyMatch(wanted::contains)
        ? Optional.empty()
        : Optional.of("its certificate has none of the names " + String.join(", ", wanted));
  }

  @Override
  public void refused(PeerFault fault, String sentence) {
    String reason = "upstream_" + fault.name().toLowerCase(Locale.ROOT);
    refusals.warn(reason, () -> "refused a connection to " + sentence);
  }

  /** Peers that were not taken since the start, by reason: {@code upstream_identity} and so on. */
  public Map<String, Long> refused() {
    return refusals.counts();
  }
}
