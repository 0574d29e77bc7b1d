package dev.weft.gateway;

import dev.weft.kubernetes.ConfigMapOpener;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.process.HostPort;
import dev.weft.routing.process.Proxy;
import dev.weft.routing.process.ProxyCommand;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.verticle.GatewayListening;
import dev.weft.routing.verticle.Listening;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weft gateway}: the ingress for traffic from outside. */
@Command(
    name = "weft gateway",
    mixinStandardHelpOptions = true,
    versionProvider = ProxyCommand.Version.class,
    sortOptions = false,
    description = {
      "The ingress: takes traffic from outside and sends it into the mesh by VirtualServices.",
      "",
      "Listeners come from the Gateway resources that select its --labels. --listen opens one",
      "more that takes plain HTTP for every host, where the rules of the mesh hold."
    },
    footer = {
      "",
      "A first canary:",
      "  ./weft gateway --config dir:config/examples/first-canary --listen 8080",
      "  curl -H 'host: hello.test' http://127.0.0.1:8080/"
    })
public final class Main implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Mixin private ProxyOptions options = new ProxyOptions();

  @Option(
      names = "--listen",
      paramLabel = "[ADDR:]PORT",
      converter = HostPort.Converter.class,
      description =
          "Takes plain HTTP for every host by the rules of the mesh (default address:"
              + " 127.0.0.1).")
  private @Nullable HostPort listen;

  public static void main(String[] args) {
    ProxyCommand.main(new Main(), args);
  }

  @Override
  public Integer call() throws InterruptedException {
    HostPort explicit = listen;
    Plan plan = new Plan(Map.of(), explicit != null, true);
    Proxy proxy =
        new Proxy(
            options,
            plan,
            (snapshot, self) -> ports(snapshot, self, explicit),
            Optional.of(new ConfigMapOpener()));
    CommandSpec command = Objects.requireNonNull(spec);
    return ProxyCommand.run(proxy, command.commandLine().getErr());
  }

  private static List<Listening> ports(
      Snapshot snapshot, Proxy proxy, @Nullable HostPort explicit) {
    List<Listening> all =
        new ArrayList<>(
            GatewayListening.of(snapshot, proxy.store(), proxy.carriage(), proxy.identities()));
    if (explicit != null) {
      ListenerSettings settings =
          ListenerSettings.of(explicit.host(), explicit.port(), Role.EDGE, snapshot.settings());
      all.add(
          new Listening(
              "--listen", settings, ServerTls.NONE, proxy.store().service(Snapshot::mesh)));
    }
    return all;
  }
}
