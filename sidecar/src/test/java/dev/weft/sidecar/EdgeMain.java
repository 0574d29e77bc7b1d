package dev.weft.sidecar;

import dev.weft.routing.process.Proxy;
import dev.weft.routing.process.ProxyMain;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.process.flags.Given;
import dev.weft.routing.process.flags.Manual;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.verticle.GatewayListening;
import dev.weft.routing.verticle.edge.IssuedCertificates;
import java.util.List;
import java.util.Map;

/** The ingress, as a process that tests start in a pod, or within theirs. */
public final class EdgeMain {

  private EdgeMain() {}

  public static void main(String[] args) {
    Manual manual = new Manual("edge", "--config SRC", List.of(), ProxyOptions.FLAGS, List.of());
    ProxyMain.main(manual, args, EdgeMain::proxy);
  }

  static Proxy proxy(Given given) {
    return new Proxy(
        new ProxyOptions(given),
        new Plan(Map.of(), false, true),
        (snapshot, self) ->
            GatewayListening.of(
                snapshot,
                self.store(),
                self.carriage(),
                self.identities(),
                new IssuedCertificates()));
  }
}
