package dev.weft.gateway;

import dev.weft.kubernetes.discovery.ApiServerOpener;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.process.HostPort;
import dev.weft.routing.process.Proxy;
import dev.weft.routing.process.ProxyMain;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.process.flags.Flag;
import dev.weft.routing.process.flags.Given;
import dev.weft.routing.process.flags.Manual;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.verticle.GatewayListening;
import dev.weft.routing.verticle.Listening;
import dev.weft.routing.verticle.edge.IssuedCertificates;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code weft gateway}: the ingress for traffic from outside. */
public final class Main {

  private static final Flag LISTEN =
      Flag.one(
          "--listen",
          "[ADDR:]PORT",
          "Takes plain HTTP for every host by the rules of the mesh (default address: 127.0.0.1).");

  private Main() {}

  public static void main(String[] args) {
    ProxyMain.main(manual(), args, Main::proxy);
  }

  static Manual manual() {
    List<Flag> flags = new ArrayList<>(ProxyOptions.FLAGS);
    flags.add(LISTEN);
    return new Manual(
        "weft gateway",
        "--config SRC",
        List.of(
            "The ingress: takes traffic from outside and sends it into the mesh by VirtualServices.",
            "",
            "Listeners come from the Gateway resources that select its --labels. --listen opens one",
            "more that takes plain HTTP for every host, where the rules of the mesh hold."),
        flags,
        List.of(
            "A first canary:",
            "  ./weft gateway --config dir:config/examples/first-canary --listen 8080",
            "  curl -H 'host: hello.test' http://127.0.0.1:8080/"));
  }

  private static Proxy proxy(Given given) {
    Optional<HostPort> explicit = HostPort.of(LISTEN, given);
    ProxyOptions options = new ProxyOptions(given);
    Obtaining obtaining = new Obtaining(options.stateDir());
    return new Proxy(
        options,
        new Plan(Map.of(), explicit.isPresent(), true),
        (snapshot, self) -> {
          obtaining.want(snapshot.settings().acme(), self.identities().faults(), self.ticker());
          return ports(snapshot, self, obtaining.issued(), explicit);
        },
        Optional.of(new ApiServerOpener()));
  }

  private static List<Listening> ports(
      Snapshot snapshot, Proxy proxy, IssuedCertificates issued, Optional<HostPort> explicit) {
    List<Listening> all =
        new ArrayList<>(
            GatewayListening.of(
                snapshot, proxy.store(), proxy.carriage(), proxy.identities(), issued));
    explicit
        .map(at -> ListenerSettings.of(at.host(), at.port(), Role.EDGE, snapshot.settings()))
        .map(
            at ->
                new Listening(
                    "--listen", at, ServerTls.NONE, proxy.store().service(Snapshot::mesh)))
        .ifPresent(all::add);
    return all;
  }
}
