package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that takes requests on {@code --listen} and at the port of a Gateway. */
@Timeout(120)
final class ExplainListenIT {

  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec: {servers: [{port: {number: %d, name: http, protocol: HTTP}, hosts: ["*"]}]}
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: outside}
      spec: {hosts: [shop.test], gateways: [edge], http: [{directResponse: {status: 200}}]}
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: inside}
      spec: {hosts: [shop.test], http: [{directResponse: {status: 200}}]}
      """;

  @TempDir private Path folder;

  private Run explain(LaunchedGateway gateway, String url) throws Exception {
    try (Launched asked =
        Launched.weft(folder, Map.of(), "explain", "--admin", gateway.adminAddress(), "GET", url)) {
      return asked.ended(60);
    }
  }

  @Test
  void thePortOfTheUrlSaysWhichIsAskedAndOneWithoutIsToldWhichItIs() throws Exception {
    int port = FreePorts.next();
    Path config = Files.createDirectory(folder.resolve("config"));
    Files.writeString(config.resolve("rules.yaml"), RULES.formatted(port));
    try (LaunchedGateway gateway = LaunchedGateway.start(folder, config)) {
      gateway.process().says("ready");
      Run none = explain(gateway, "http://shop.test/");
      Run named = explain(gateway, "http://shop.test:" + port + "/");
      Run listen = explain(gateway, "http://shop.test:" + gateway.port + "/");

      assertThat(none.output())
          .contains(
              ", at port " + port + " of gateway default/edge, the first that one opens for http\n")
          .contains("YES default/outside#0");
      assertThat(named.output())
          .contains(", at port " + port + " of gateway default/edge\n")
          .contains("YES default/outside#0");
      assertThat(listen.output()).contains("YES default/inside#0");
    }
  }
}
