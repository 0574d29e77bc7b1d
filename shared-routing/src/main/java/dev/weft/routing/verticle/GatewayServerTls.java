package dev.weft.routing.verticle;

import dev.weft.config.model.Gateway.ServerTls.Mode;
import dev.weft.config.model.core.Secret;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.PeerIdentity;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.snapshot.PortRouting;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.PortServers.Owned;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotStore;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.vertx.core.Future;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of one port of a gateway: the certificate of the server whose hosts the handshake's name
 * meets, from a Secret or from files. A Secret that changes is shown at once, files within seconds;
 * what cannot be used keeps what was shown before. Files are never read on an event loop.
 */
final class GatewayServerTls implements ServerTls {

  private static final Logger LOG = LoggerFactory.getLogger(GatewayServerTls.class);

  private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1); // after a failure
  private static final int MOST_HELD = 64;

  private final SnapshotStore store;
  private final int port;
  private final Ticker ticker = new SystemTicker();
  private final Map<Owned, Held> held = new ConcurrentHashMap<>();
  private final Map<Owned, Future<Optional<SslContext>>> looking = new ConcurrentHashMap<>();

  /**
   * What the last look at a server's certificate found.
   *
   * @param material of the newest context that could be made
   * @param failure empty where the look found what a context can be made of
   * @param version of the snapshot that was looked at
   * @param checked when, in nanoseconds
   */
  private record Held(
      Optional<Material> material,
      Optional<SslContext> context,
      String failure,
      long version,
      long checked) {}

  /** All that a context is made of; two equal ones share it. */
  private record Material(
      String chain,
      String key,
      String authorities,
      Mode mode,
      Set<String> versions,
      boolean http) {}

  GatewayServerTls(SnapshotStore store, int port) {
    this.store = store;
    this.port = port;
  }

  private long version() {
    return store.current().map(Snapshot::version).orElse(0L);
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
    return context(server)
        .map(known -> known.map(made -> new Shown(made, server.proof(), server.server().http())));
  }

  /**
   * The context of a server: what is there at once, looked at again behind the caller's back; only
   * where there is none a handshake waits for its files, which are read by another thread.
   */
  private Future<Optional<SslContext>> context(Owned server) {
    Held known = held.get(server);
    if (known != null && !due(known)) {
      return Future.succeededFuture(known.context);
    }
    Future<Optional<SslContext>> look =
        looking.computeIfAbsent(
            server,
            any -> Future.fromCompletionStage(CompletableFuture.supplyAsync(() -> look(any))));
    look.onComplete(done -> looking.remove(server, look));
    return known == null || known.context.isEmpty() ? look : Future.succeededFuture(known.context);
  }

  private boolean due(Held known) {
    long pause = known.failure.isEmpty() ? CHECK_NANOS : RETRY_NANOS;
    return known.version != version() || ticker.nanos() - known.checked > pause;
  }

  private Optional<SslContext> look(Owned server) {
    Optional<Held> before = Optional.ofNullable(held.get(server));
    long version = version();
    Optional<Material> material = before.flatMap(Held::material);
    Optional<SslContext> context = before.flatMap(Held::context);
    String failure = "";
    try {
      Material now = material(server);
      if (!material.equals(Optional.of(now))) {
        context = Optional.of(made(now));
        material = Optional.of(now);
      }
    } catch (NoSuchFileException e) {
      failure = "there is no " + e.getMessage();
    } catch (IOException | IllegalArgumentException e) {
      failure = String.valueOf(e.getMessage());
    }
    if (!failure.isEmpty() && !failure.equals(before.map(Held::failure).orElse(""))) {
      LOG.warn("server {} at {}: {}", server.server().name(), server.server().place(), failure);
    }
    if (held.size() >= MOST_HELD) {
      held.keySet().retainAll(servers().map(PortServers::servers).orElse(List.of()));
    }
    held.put(server, new Held(material, context, failure, version, ticker.nanos()));
    return context;
  }

  private Material material(Owned server) throws IOException {
    dev.weft.config.model.Gateway.ServerTls tls = server.server().tls().orElseThrow();
    Set<String> versions =
        switch (tls.minProtocolVersion()) {
          case TLSV1_3 -> Set.of("TLSv1.3");
          case TLS_AUTO, TLSV1_0, TLSV1_1, TLSV1_2 ->
              tls.maxProtocolVersion() == dev.weft.config.model.Gateway.ServerTls.Version.TLSV1_2
                  ? Set.of("TLSv1.2")
                  : Set.of("TLSv1.3", "TLSv1.2");
        };
    if (tls.credentialName().isEmpty()) {
      String authorities =
          tls.caCertificates().isEmpty() ? "" : Files.readString(Path.of(tls.caCertificates()));
      return new Material(
          Files.readString(Path.of(tls.serverCertificate())),
          Files.readString(Path.of(tls.privateKey())),
          authorities,
          tls.mode(),
          versions,
          server.server().http());
    }
    Map<String, String> data = secret(server.namespace(), tls.credentialName());
    return new Material(
        data.getOrDefault("tls.crt", data.getOrDefault("cert", "")),
        data.getOrDefault("tls.key", data.getOrDefault("key", "")),
        data.getOrDefault("ca.crt", data.getOrDefault("cacert", "")),
        tls.mode(),
        versions,
        server.server().http());
  }

  private Map<String, String> secret(String namespace, String name) {
    return store.current().stream()
        .flatMap(snapshot -> snapshot.config().secrets().stream())
        .filter(secret -> secret.meta().namespace().equals(namespace))
        .filter(secret -> secret.meta().name().equals(name))
        .findFirst()
        .map(Secret::data)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Secret " + namespace + "/" + name + " does not exist (yet)"));
  }

  private static SslContext made(Material material) throws IOException {
    SslContextBuilder builder =
        SslContextBuilder.forServer(stream(material.chain), stream(material.key))
            .sslProvider(MeshTls.provider())
            .protocols(material.versions);
    if (material.http) {
      builder.applicationProtocolConfig(MeshTls.alpn());
    }
    if (material.mode == Mode.MUTUAL || material.mode == Mode.OPTIONAL_MUTUAL) {
      builder
          .clientAuth(material.mode == Mode.MUTUAL ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL)
          .trustManager(stream(material.authorities));
    }
    return builder.build();
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public Optional<PeerIdentity> identify(List<Certificate> peer) {
    return Optional.empty(); // a caller from outside is nobody of the mesh
  }
}
