package dev.weft.sidecar;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.PeerAuthentication.Mode;
import dev.weft.routing.admin.AppProbes;
import dev.weft.routing.discovery.PeerModes;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.MeshServerTls;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.process.HostPort;
import dev.weft.routing.process.Proxy;
import dev.weft.routing.process.ProxyCommand;
import dev.weft.routing.process.ProxyMain;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.process.flags.Flag;
import dev.weft.routing.process.flags.Given;
import dev.weft.routing.process.flags.Manual;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Plan.Application;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.verticle.Listening;
import dev.weft.sidecar.intercept.InterceptCommand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code weft sidecar}: the proxy beside a service. */
public final class Main {

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private static final Flag INBOUND =
      Flag.several(
          "--inbound",
          "ADDR:PORT=APPADDR:PORT",
          "Takes mTLS there and hands it to the application here.");
  private static final Flag OUTBOUND =
      Flag.one(
          "--outbound",
          "[ADDR:]PORT",
          "Takes the application's requests to other services, by their Host.");

  private final ProxyOptions options;
  private final List<String> inbound;
  private final Optional<HostPort> outbound;
  private final InterceptOptions intercept;
  private final ProbeOptions probe;

  Main(Given given) {
    this.options = new ProxyOptions(given);
    this.inbound = given.all(INBOUND);
    this.outbound = HostPort.of(OUTBOUND, given);
    this.intercept = new InterceptOptions(given);
    this.probe = new ProbeOptions(given);
  }

  /** {@code weft sidecar}; {@code weft intercept} where that is the first argument. */
  public static void main(String[] args) {
    if (args.length > 0 && args[0].equals("intercept")) {
      ProxyCommand.main(new InterceptCommand(), Arrays.copyOfRange(args, 1, args.length));
    }
    ProxyMain.main(manual(), args, given -> new Main(given).proxy());
  }

  static Manual manual() {
    List<Flag> flags = new ArrayList<>(ProxyOptions.FLAGS);
    flags.add(INBOUND);
    flags.add(OUTBOUND);
    flags.addAll(InterceptOptions.FLAGS);
    flags.addAll(ProbeOptions.FLAGS);
    return new Manual(
        "weft sidecar",
        "--config SRC",
        List.of(
            "The proxy beside a service. Inbound it takes mTLS from other proxies of the mesh and",
            "hands the application plain HTTP; outbound it takes the application's plain HTTP and",
            "routes it by Host and VirtualServices, over mTLS to other sidecars."),
        flags,
        List.of(
            "  ./weft sidecar --config dir:mesh --identity dir:certs \\",
            "      --service-account prod/search --outbound 127.0.0.1:15001 \\",
            "      --inbound 0.0.0.0:15006=127.0.0.1:8080",
            "",
            "With --intercept it takes what the kernel redirects to it (see ./weft intercept), of an",
            "application that knows nothing of it."));
  }

  /** What the flags ask for, not started. */
  Proxy proxy() {
    Map<HostPort, Application> applications = applications();
    Optional<Interceptor> interceptor = intercept.interceptor(options);
    if (applications.isEmpty() && outbound.isEmpty() && interceptor.isEmpty()) {
      throw options.usage(
          "neither --inbound nor --outbound nor --intercept: there is nothing to do");
    }
    Map<Integer, Application> byPort = new HashMap<>();
    applications.forEach(
        (at, application) -> {
          if (byPort.put(at.port(), application) != null) {
            throw options.usage("--inbound " + at + " (expected: each port once)");
          }
        });
    boolean intercepts = interceptor.isPresent();
    Plan plan =
        new Plan(
            byPort, outbound.isPresent() || intercepts, false, interceptor.map(Interceptor::plan));
    byPort.keySet().forEach(plan::own);
    outbound.map(HostPort::port).ifPresent(plan::own);
    if ((intercepts || !byPort.isEmpty()) && options.identity().isEmpty()) {
      LOG.warn(
          "without --identity, an inbound port takes nobody but where a PeerAuthentication says"
              + " PERMISSIVE or DISABLE");
    }
    List<AppProbes.Asked> asked = probe.probes(options, intercepts);
    return new Proxy(
            options,
            plan,
            (snapshot, self) -> {
              List<Listening> all = ports(snapshot, self, applications, outbound);
              interceptor.ifPresent(one -> all.addAll(one.ports(snapshot, self)));
              return all;
            })
        .asking(asked);
  }

  private Map<HostPort, Application> applications() {
    Map<HostPort, Application> all = new HashMap<>();
    for (String mapping : inbound) {
      int equals = mapping.indexOf('=');
      if (equals < 0) {
        throw options.usage("--inbound " + mapping + " (expected: ADDR:PORT=APPADDR:PORT)");
      }
      try {
        HostPort from = HostPort.parse(mapping.substring(0, equals), "0.0.0.0");
        HostPort to = HostPort.parse(mapping.substring(equals + 1), "127.0.0.1");
        all.put(from, new Application(to.host(), to.port()));
      } catch (IllegalArgumentException e) {
        throw options.usage("--inbound " + mapping + ": " + e.getMessage());
      }
    }
    return all;
  }

  private static List<Listening> ports(
      Snapshot snapshot,
      Proxy proxy,
      Map<HostPort, Application> applications,
      Optional<HostPort> outbound) {
    List<Listening> all = new ArrayList<>();
    applications.forEach(
        (at, application) -> {
          ServerTls tls =
              new MeshServerTls(
                  proxy.identities(), proxy.ticker(), any -> mode(proxy, any), application.port());
          int port = at.port();
          all.add(
              new Listening(
                  "--inbound " + at,
                  ListenerSettings.of(at.host(), port, Role.MESH_INBOUND, snapshot.settings()),
                  tls,
                  proxy.store().service(now -> now.inbound().get(port))));
        });
    outbound.ifPresent(
        out ->
            all.add(
                new Listening(
                    "--outbound " + out,
                    ListenerSettings.of(
                        out.host(), out.port(), Role.MESH_OUTBOUND, snapshot.settings()),
                    ServerTls.NONE,
                    proxy.store().service(Snapshot::mesh))));
    return all;
  }

  static Mode mode(Proxy proxy, int port) {
    MeshConfig config = proxy.store().current().map(Snapshot::config).orElse(MeshConfig.EMPTY);
    return PeerModes.mode(config, proxy.workload(), port);
  }
}
