package dev.weft.sidecar;

import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.MeshServerTls;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.listener.intercept.Interception;
import dev.weft.routing.listener.intercept.OwnConnections;
import dev.weft.routing.process.Proxy;
import dev.weft.routing.snapshot.Plan.Unknown;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.verticle.Listening;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The ports to which the kernel redirects connections, and what is done with those. */
final class Interceptor {

  private static final int OUTBOUND = 15001;
  private static final int INBOUND = 15006;
  private static final Path IPV6 = Path.of("/proc/net/if_inet6");

  /** Who says nothing for so long waits for the other side to speak first. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Unknown unknown;
  private final Interception leaving;
  private final Interception arriving;

  Interceptor(Unknown unknown) {
    OwnConnections opened = new OwnConnections();
    Set<Integer> own = Set.of(OUTBOUND, INBOUND);
    this.unknown = unknown;
    this.leaving = new Interception(own, unknown == Unknown.ALLOW_ANY, PATIENCE, opened);
    this.arriving = new Interception(own, true, PATIENCE, opened);
  }

  Unknown unknown() {
    return unknown;
  }

  /** What leaves is redirected to loopback, what arrives to an address of this machine. */
  List<Listening> ports(Snapshot snapshot, Proxy proxy) {
    boolean v6 = Files.exists(IPV6);
    List<Listening> all = new ArrayList<>();
    for (String host : v6 ? List.of("127.0.0.1", "::1") : List.of("127.0.0.1")) {
      ListenerSettings settings =
          ListenerSettings.of(host, OUTBOUND, Role.MESH_OUTBOUND, snapshot.settings());
      all.add(
          new Listening(
              "--intercept (outbound, " + host + ")",
              settings.intercepting(leaving),
              ServerTls.NONE,
              proxy.store().service(Snapshot::mesh)));
    }
    ListenerSettings settings =
        ListenerSettings.of(v6 ? "::" : "0.0.0.0", INBOUND, Role.MESH_INBOUND, snapshot.settings());
    all.add(
        new Listening(
            "--intercept (inbound)",
            settings.intercepting(arriving),
            new MeshServerTls(
                proxy.identities(), proxy.ticker(), port -> Main.mode(proxy, port), INBOUND),
            proxy.store().service(now -> now.delivery().orElse(null))));
    return all;
  }
}
