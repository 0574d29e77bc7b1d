package dev.weft.routing.verticle;

import dev.weft.config.model.settings.Settings;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.intercept.Carriage;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotStore;
import dev.weft.routing.verticle.edge.EdgeCertificates;
import dev.weft.routing.verticle.edge.GatewayServerTls;
import dev.weft.routing.verticle.edge.IssuedCertificates;
import java.util.List;

/** The ports that Gateway resources ask for. */
public final class GatewayListening {

  private static final String ALL_ADDRESSES = "0.0.0.0";

  private GatewayListening() {}

  /**
   * One for each port of {@code snapshot}; what each serves is asked of {@code store} anew.
   *
   * @param carriage of connections that are not HTTP
   * @param identities with the own one, which servers of {@code ISTIO_MUTUAL} show
   * @param issued certificates that are shown where there is no Secret
   */
  public static List<Listening> of(
      Snapshot snapshot,
      SnapshotStore store,
      Carriage carriage,
      IdentityStore identities,
      IssuedCertificates issued) {
    GatewayServerTls.forget(snapshot, identities.faults());
    identities.served().from(() -> EdgeCertificates.read(snapshot, issued));
    return snapshot.ports().stream()
        .map(port -> listening(port, snapshot.settings(), store, carriage, identities, issued))
        .toList();
  }

  /** What messages call the listener of a port. */
  public static String name(Plan.Port port) {
    return "gateway " + host(port) + ":" + port.number();
  }

  private static String host(Plan.Port port) {
    return port.bind().isEmpty() ? ALL_ADDRESSES : port.bind();
  }

  private static Listening listening(
      Plan.Port port,
      Settings limits,
      SnapshotStore store,
      Carriage carriage,
      IdentityStore identities,
      IssuedCertificates issued) {
    String host = host(port);
    int number = port.number();
    ListenerSettings settings =
        ListenerSettings.of(host, number, Role.EDGE, limits)
            .behind(GatewayGate.of(store, number, carriage));
    Service routes = store.service(now -> now.gateway().get(number));
    GatewayServerTls tls = new GatewayServerTls(store, number, identities, issued);
    return new Listening(name(port), settings, tls, routes);
  }
}
