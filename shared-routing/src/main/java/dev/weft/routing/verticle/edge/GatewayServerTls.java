package dev.weft.routing.verticle.edge;

import dev.weft.config.model.Gateway.ServerTls.Mode;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.CertificateFaults;
import dev.weft.routing.identity.CertificateFaults.Kind;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.PeerIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.snapshot.PortRouting;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.PortServers.Owned;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotStore;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of one port of a gateway: the certificate of the server whose hosts the handshake's name
 * meets, from a Secret or from files. A Secret that changes is shown at once, files within a
 * second; what cannot be used keeps what was shown before. Files are never read on an event loop.
 */
public final class GatewayServerTls implements ServerTls {

  private static final Logger LOG = LoggerFactory.getLogger(GatewayServerTls.class);

  private static final long CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
  private static final long STALE_NANOS = TimeUnit.MILLISECONDS.toNanos(800); // then it is awaited
  private static final int PATIENCE_SECONDS = 2; // with a file system; then what is known serves
  private static final int MOST_HELD = 64;

  private final SnapshotStore store;
  private final int port;
  private final Ticker ticker = new SystemTicker();
  private final MeshContexts mesh;
  private final CertificateFaults faults;
  private final IssuedCertificates issued;
  private final Map<Owned, Held> held = new ConcurrentHashMap<>();
  private final Map<Owned, CompletableFuture<Optional<SslContext>>> looking =
      new ConcurrentHashMap<>();

  /**
   * What the last look at a server's certificate found.
   *
   * @param made the newest that could be
   * @param shown it, with a staple where there is a good one
   * @param failure empty where the look found what a context can be made of
   * @param version of the snapshot that was looked at
   * @param checked when, in nanoseconds
   */
  private record Held(
      Optional<ServerContext> made,
      Optional<SslContext> shown,
      String failure,
      long version,
      long checked) {}

  /**
   * @param identities with the own one, which servers of {@code ISTIO_MUTUAL} show
   * @param issued what is shown where there is no Secret
   */
  public GatewayServerTls(
      SnapshotStore store, int port, IdentityStore identities, IssuedCertificates issued) {
    this.issued = issued;
    this.store = store;
    this.port = port;
    this.mesh = new MeshContexts(identities, ticker);
    this.faults = identities.faults();
  }

  private long version() {
    return store.current().map(Snapshot::version).orElse(0L) + issued.version(); // both grow
  }

  private Optional<PortServers> servers() {
    return store
        .current()
        .flatMap(snapshot -> Optional.ofNullable(snapshot.gateway().get(port)))
        .map(PortRouting::servers);
  }

  @Override
  public boolean takesPlaintext() {
    return servers().filter(PortServers::takesPlaintext).isPresent();
  }

  @Override
  public Future<Optional<Shown>> contextFor(Optional<String> serverName) {
    Optional<Owned> met =
        servers()
            .flatMap(all -> all.met(serverName))
            .filter(server -> !server.server().passesThrough()); // its handshakes are not ours
    if (met.isEmpty()) {
      return Future.succeededFuture(Optional.empty());
    }
    Owned server = met.get();
    boolean ofMesh =
        server.server().tls().filter(tls -> tls.mode() == Mode.ISTIO_MUTUAL).isPresent();
    return (ofMesh ? mesh.of(server) : context(server))
        .map(known -> known.map(made -> new Shown(made, server.proof(), server.server().http())));
  }

  /**
   * The context of a server: what is there, looked at again behind the caller's back where it was
   * looked at lately. Where there is none a handshake waits for its files, which are read by
   * another thread, and so it does where the last look was long ago or at another configuration.
   */
  private Future<Optional<SslContext>> context(Owned server) {
    Held known = held.get(server);
    if (known != null && !older(known, CHECK_NANOS)) {
      return Future.succeededFuture(known.shown);
    }
    CompletableFuture<Optional<SslContext>> look =
        looking.computeIfAbsent(server, any -> CompletableFuture.supplyAsync(() -> look(any)));
    if (known == null || known.shown.isEmpty()) {
      return Future.fromCompletionStage(look);
    }
    return older(known, STALE_NANOS)
        ? Future.fromCompletionStage(
            look.copy().completeOnTimeout(known.shown, PATIENCE_SECONDS, TimeUnit.SECONDS))
        : Future.succeededFuture(known.shown);
  }

  private boolean older(Held known, long age) {
    return known.version != version() || ticker.nanos() - known.checked > age;
  }

  private Optional<SslContext> look(Owned server) {
    try {
      return looked(server);
    } finally {
      looking.remove(server);
    }
  }

  private Optional<SslContext> looked(Owned server) {
    Optional<Held> before = Optional.ofNullable(held.get(server));
    long version = version();
    Optional<ServerContext> made = before.flatMap(Held::made);
    Optional<SslContext> shown = before.flatMap(Held::shown);
    String failure = "";
    String fault = "";
    try {
      Optional<byte[]> staple = ServerMaterial.staple(server, this::secret);
      ServerMaterial now = ServerMaterial.read(server, this::secret).stapled(staple.isPresent());
      if (!made.map(ServerContext::material).equals(Optional.of(now))) {
        made = Optional.of(ServerContext.of(now, made, ticker));
      }
      ServerContext.Shown with = made.get().with(staple, ticker);
      shown = Optional.of(with.context());
      fault = with.fault();
    } catch (NoSuchFileException e) {
      failure = "there is no " + e.getMessage();
    } catch (IOException | IllegalArgumentException e) {
      failure = String.valueOf(e.getMessage());
    }
    tell(Kind.SERVER, server, failure);
    tell(Kind.STAPLE, server, fault);
    tell(Kind.REVOCATION, server, made.flatMap(this::ended).orElse(""));
    if (held.size() >= MOST_HELD) {
      held.keySet().retainAll(servers().map(PortServers::servers).orElse(List.of()));
    }
    held.put(server, new Held(made, shown, failure, version, ticker.nanos()));
    return shown;
  }

  private Optional<String> ended(ServerContext one) {
    return one.revoked().ended(ticker.epochMillis());
  }

  private void tell(Kind kind, Owned server, String now) {
    if (now.isEmpty()) {
      faults.end(kind, name(server));
    } else if (faults.begin(kind, name(server), now)) {
      LOG.warn("server {}: {}", name(server), now);
    }
  }

  /** What faults of its certificate call a server. */
  public static String name(Owned server) {
    String name = server.server().name();
    return name.isEmpty()
        ? server.server().place().toString()
        : name + " at " + server.server().place();
  }

  /** Forgets what was wrong with servers that {@code snapshot} does not have. */
  public static void forget(Snapshot snapshot, CertificateFaults faults) {
    Set<String> there =
        snapshot.gateway().values().stream()
            .flatMap(port -> port.servers().servers().stream())
            .map(GatewayServerTls::name)
            .collect(Collectors.toUnmodifiableSet());
    faults.retain(Kind.SERVER, there);
    faults.retain(Kind.STAPLE, there);
    faults.retain(Kind.REVOCATION, there);
  }

  private Optional<Map<String, String>> secret(String name) {
    return store.current().flatMap(now -> EdgeCertificates.secret(now, issued, name));
  }

  /** Of the mesh, whose workloads may call servers of ISTIO_MUTUAL. */
  @Override
  public Revocations revoked() {
    return mesh.revoked();
  }

  @Override
  public boolean asked() {
    return issued.asked();
  }

  @Override
  public Optional<SslContext> proof(String serverName) {
    return issued.proof(serverName);
  }

  @Override
  public Optional<PeerIdentity> identify(List<Certificate> peer) {
    return Optional.empty(); // whoever calls a gateway is outside, with or without an identity
  }
}
