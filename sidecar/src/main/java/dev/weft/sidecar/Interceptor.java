package dev.weft.sidecar;

import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.cluster.ApplicationPorts;
import dev.weft.routing.discovery.Destinations.Known;
import dev.weft.routing.discovery.Speech;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.MeshServerTls;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.listener.intercept.Interception;
import dev.weft.routing.listener.intercept.Refused.Why;
import dev.weft.routing.listener.intercept.Relaying;
import dev.weft.routing.listener.intercept.Way;
import dev.weft.routing.listener.intercept.socket.Mark;
import dev.weft.routing.process.Proxy;
import dev.weft.routing.resilience.OwnConnections;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Redirection;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.tcp.ConnectionRouting.Target;
import dev.weft.routing.transport.tcp.Frames;
import dev.weft.routing.verticle.Listening;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/** The ports to which the kernel redirects connections, and what is done with those. */
final class Interceptor {

  private static final Path IPV6 = Path.of("/proc/net/if_inet6");

  private final How how;
  private final ApplicationPorts application;
  private Optional<Interception> leaving = Optional.empty(); // once there is a proxy
  private Optional<Interception> arriving = Optional.empty();

  /**
   * What the flags say.
   *
   * @param unknown what becomes of connections to where nothing is known
   * @param patience for the first bytes; who says nothing for so long waits for the other side
   * @param transparent whether what arrives keeps its addresses
   * @param outbound port for what leaves
   * @param inbound port for what arrives
   * @param mark by which the rules know what the sidecar opens; empty where they do by its user
   */
  record How(
      Unknown unknown,
      Duration patience,
      boolean transparent,
      int outbound,
      int inbound,
      Optional<Mark> mark) {}

  Interceptor(How how, ApplicationPorts application) {
    this.how = how;
    this.application = application;
    application.own(how.outbound);
    application.own(how.inbound);
  }

  Plan.Intercepts plan() {
    OptionalInt port = how.transparent ? OptionalInt.of(how.inbound) : OptionalInt.empty();
    OptionalInt mark = how.mark.stream().mapToInt(Mark::bits).findFirst();
    return new Plan.Intercepts(how.unknown, new Plan.Sockets(port, mark), application);
  }

  /** What leaves is redirected to loopback, what arrives to an address of this machine. */
  List<Listening> ports(Snapshot snapshot, Proxy proxy) {
    boolean v6 = Files.exists(IPV6);
    if (leaving.isEmpty()) {
      proxy.carriage().limits().own().takenAt(how.outbound);
      proxy.carriage().limits().own().takenAt(how.inbound);
      leaving =
          Optional.of(
              interception(
                  proxy,
                  (caller, head, seed) -> leaves(proxy, head, seed),
                  () -> redirection(proxy).filter(Redirection::byName).isPresent(),
                  Redirection::at,
                  proxy.carriage().limits().own(),
                  false));
      arriving =
          Optional.of(
              interception(
                  proxy,
                  (caller, head, seed) -> arrives(proxy, caller, head.meant()),
                  () -> false,
                  Redirection::owner,
                  OwnConnections.redirected(), // what leaves may be for this workload, and arrive
                  true));
    }
    List<Listening> all = new ArrayList<>();
    for (String host : v6 ? List.of("127.0.0.1", "::1") : List.of("127.0.0.1")) {
      ListenerSettings settings =
          ListenerSettings.of(host, how.outbound, Role.MESH_OUTBOUND, snapshot.settings());
      all.add(
          new Listening(
              "--intercept (outbound, " + host + ")",
              settings.intercepting(leaving.get()),
              ServerTls.NONE,
              proxy.store().service(Snapshot::mesh)));
    }
    ListenerSettings settings =
        ListenerSettings.of(
            v6 ? "::" : "0.0.0.0", how.inbound, Role.MESH_INBOUND, snapshot.settings());
    all.add(
        new Listening(
            "--intercept (inbound)",
            settings.intercepting(arriving.orElseThrow()),
            new MeshServerTls(
                proxy.identities(),
                proxy.ticker(),
                port -> Main.mode(proxy, port),
                how.inbound,
                Optional.of(Frames.PROTOCOL)),
            proxy
                .store()
                .service(now -> now.redirection().map(Redirection::delivery).orElse(null))));
    return all;
  }

  private Interception interception(
      Proxy proxy,
      Way.Ways ways,
      BooleanSupplier names,
      BiFunction<Redirection, InetSocketAddress, Optional<Known>> known,
      OwnConnections opened,
      boolean arriving) {
    Set<Integer> own = Set.of(how.outbound, how.inbound);
    return new Interception(
        own,
        new Relaying(ways, opened, proxy.carriage(), how.mark),
        meant -> speech(redirection(proxy).flatMap(now -> known.apply(now, meant)), meant),
        names,
        how.patience,
        arriving);
  }

  /** By the port that has the address: of another service, or of the own one. */
  private static Speech speech(Optional<Known> known, InetSocketAddress meant) {
    return Speech.of(known.map(Known::protocol).orElse(""), meant.getPort());
  }

  /** Where a rule says, to the service or instance that has the address, or else there. */
  private static Way leaves(Proxy proxy, ConnectionHead head, long seed) {
    Optional<Redirection> now = redirection(proxy);
    Optional<Target> target = now.flatMap(one -> one.target(head, seed));
    if (target.isPresent()) {
      Target to = target.get();
      return new Way.Service(to.route(), to.upstream(), to.exact(), to.sealed());
    }
    return now.filter(Redirection::passes).isPresent()
        ? new Way.Direct(Redirection.PASSTHROUGH, Way.From.ANY, Optional.empty())
        : new Way.Nowhere(Why.UNKNOWN_DESTINATION);
  }

  /** To the own application, where the caller may. */
  private Way arrives(Proxy proxy, Caller caller, InetSocketAddress meant) {
    Optional<Redirection> now = redirection(proxy);
    Optional<Way> denied = now.flatMap(one -> one.denies(caller)).map(Way.Denied::new);
    Way.From from = how.transparent ? Way.From.CALLER : Way.From.PROXY;
    return denied.orElseGet(
        () ->
            now.<Way>map(
                    one -> new Way.Direct(one.own(meant.getPort()), from, Optional.of(application)))
                .orElseGet(() -> new Way.Nowhere(Why.UNKNOWN_DESTINATION)));
  }

  private static Optional<Redirection> redirection(Proxy proxy) {
    return proxy.store().current().flatMap(Snapshot::redirection);
  }
}
