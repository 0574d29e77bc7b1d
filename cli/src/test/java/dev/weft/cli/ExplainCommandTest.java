package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigLoader;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.source.DirectorySource;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

final class ExplainCommandTest {

  private static final Path EXAMPLES = Path.of("../config/examples");

  private final StringWriter out = new StringWriter();
  private final StringWriter problems = new StringWriter();

  @Test
  void theCanaryIsToldWithItsSharesEndpointsAndIdentities() {
    int code = explain("canary", "GET", "http://search-api.prod.svc.cluster.local/find?q=1");

    assertThat(out.toString())
        .contains("YES default/search-service#0  every condition holds")
        .contains("95 %  outbound|80|v1|search-service")
        .contains("127.0.0.1:18083 [app=search,version=v2]  mTLS, expected: spiffe://")
        .contains("goes out as /find?q=1 to host search-api.prod.svc.cluster.local")
        .contains("timeout: none")
        .contains("retries: 2 on connect-failure, refused-stream, reset");
    assertThat(code).isZero();
  }

  @Test
  void theVersionThatAUserStaysOnIsTold() {
    explain("cohorts", "-H", "x-user: ann", "GET", "http://cohorts.test/");
    explain("cohorts", "GET", "http://cohorts.test/");

    assertThat(out.toString())
        .contains("sticky by header x-user: this user stays on outbound|80|v1|cohorts-backend.test")
        .contains("sticky by header x-user: this request has none, and is drawn by itself");
  }

  @Test
  void whoIsLetInIsToldWithTheRuleThatDecides() {
    int enters = explain("authorization", "--from", "web/shop", "GET", "http://reports.test/daily");
    int denied =
        explain("authorization", "--from", "web/shop", "GET", "http://reports.test/admin/users");
    int other = explain("authorization", "--from", "web/other", "GET", "http://reports.test/daily");

    assertThat(List.of(enters, denied, other)).containsExactly(0, 1, 1);
    assertThat(out.toString())
        .contains(
            "enters at outbound|80||reports-backend.test: allowed by default/reports-readers rule"
                + " 1: method GET, account web/shop")
        .contains(
            "403 at outbound|80||reports-backend.test: denied by default/reports-admins rule 1:"
                + " path /admin/users, identity spiffe://cluster.local/ns/web/sa/shop")
        .contains("denied: no rule that allows matches, of default/reports-readers");
  }

  @Test
  void whomAPolicyAsksIsToldWithWhatHoldsAfterwards() {
    explain("ext-authz", "--from", "web/shop", "GET", "http://orders.test/admin/users");
    explain("ext-authz", "--from", "web/shop", "GET", "http://orders.test/daily");

    assertThat(out.toString())
        .contains(
            "enters at outbound|80||orders-backend.test: asks provider login: policy"
                + " default/orders-admins rule 1: path /admin/users; then allowed")
        .contains("enters at outbound|80||orders-backend.test: allowed");
  }

  @Test
  void whatATokenWouldDoIsTold() {
    String[] bob = {"--claim", "iss=https://issuer.test", "--claim", "sub=bob"};
    String[] gold = {"--claim", "scope=shop.read shop.write", "--claim", "plan=gold"};
    int in = tokens(bob, gold);
    int denied = tokens(bob, new String[0]);
    int refused = tokens(new String[] {"--claim", "iss=https://other.test"}, gold);

    assertThat(List.of(in, denied, refused)).containsExactly(0, 1, 1);
    assertThat(out.toString())
        .contains("token: counts, as https://issuer.test/bob")
        .contains("YES allowed by istio-system/customers rule 1")
        .contains("YES default/tokens#gold  every condition holds")
        .contains("403 denied: no rule that allows matches, of istio-system/customers")
        .contains("default/tokens#gold  claim plan is absent")
        .contains("token: 401, of an issuer that does not count here");
  }

  private int tokens(String[] who, String[] more) {
    List<String> all = new ArrayList<>(List.of("tokens", "--gateway", "--labels", "app=edge"));
    all.addAll(List.of(who));
    all.addAll(List.of(more));
    all.addAll(List.of("GET", "http://shop.test:8090/orders"));
    return explain(all.get(0), all.subList(1, all.size()).toArray(new String[0]));
  }

  @Test
  void aHostWithoutRulesIsToldWithThoseThereAre() {
    int code = explain("canary", "GET", "http://search-apj.prod.svc.cluster.local/");

    assertThat(out.toString())
        .contains("404, no rule is for host search-apj.prod.svc.cluster.local")
        .contains("did you mean search-api.prod.svc.cluster.local?");
    assertThat(code).isEqualTo(1);
  }

  @Test
  void aGatewayIsAskedAtThePortOfTheUrl() {
    int code = explain("gateway-tls", "--gateway", "GET", "https://shop.example.com:8443/");
    explain("gateway-tls", "--gateway", "GET", "http://shop.example.com:8080/a?b");
    explain("gateway-tls", "--gateway", "GET", "https://shop.example.com/");
    int other = explain("gateway-tls", "--gateway", "GET", "https://shop.example.com:99/");

    assertThat(out.toString())
        .contains("shop.example.com:8443/, at port 8443 of gateway default/edge\n")
        .contains("at port 8443 of gateway default/edge, the first that one opens for https\n")
        .contains("answers 301 to https://shop.example.com/a?b");
    assertThat(problems.toString()).contains("expected: a port that a Gateway opens: [8080, 8443]");
    assertThat(List.of(code, other)).containsExactly(0, 2);
  }

  @Test
  void whereNoGatewayOpensAPortThatIsSaid() {
    int none = explain("canary", "--gateway", "GET", "http://a.test/");
    explain("canary", "--gateway", "TCP", "10.0.0.1:5432");
    explain("gateway-tls", "--gateway", "--labels", "b=2,a=1", "GET", "http://a.test/");

    assertThat(none).isEqualTo(2);
    assertThat(problems.toString())
        .contains(
            "--gateway: no Gateway opens a port for HTTP; without --gateway the rules of the mesh"
                + " are explained")
        .contains("--gateway: no Gateway opens a port; without --gateway")
        .contains(
            "--gateway: no Gateway that selects a=1,b=2 opens a port for HTTP; without --labels any"
                + " Gateway counts")
        .doesNotContain("[]");
  }

  @Test
  void aConnectionIsToldWithItsServiceRuleAndEndpoints() {
    int code = explain("tcp", "--gateway", "TCP", "192.0.2.1:15432");
    explain("tcp", "--gateway", "TLS", "192.0.2.1:15443", "--sni", "pass.example.com");
    explain("interception", "--from", "interception/app", "TCP", "10.96.0.21:6379");
    explain("interception", "--from", "interception/app", "TCP", "cache.test:6379");

    assertThat(out.toString())
        .contains("TCP 192.0.2.1:15432, at port 15432 of gateway default/edge-tcp")
        .contains("YES default/database#tcp[0]  every condition holds  (")
        .contains("90 %  outbound|5432|v1|database.test")
        .contains("127.0.0.1:5433 [version=v2]  plaintext")
        .contains("TLS 192.0.2.1:15443 for pass.example.com, at port 15443")
        .contains("YES default/pass#tls[0]")
        .containsOnlyOnce("TCP 10.96.0.21:6379, from interception/app")
        .contains("TCP cache.test:6379, from interception/app")
        .contains("10.96.0.21:6379 is the address of outbound|6379||cache.test")
        .contains("100 %  outbound|6379||cache.test");
    assertThat(code).isZero();
  }

  @Test
  void aConnectionThatIsRefusedIsToldWithItsCause() {
    int unknown = explain("interception", "--from", "interception/app", "TCP", "192.0.2.1:99");
    int passes = explain("tcp", "TCP", "192.0.2.1:99");
    int name = explain("tcp", "--gateway", "TLS", "192.0.2.1:15443", "--sni", "a.example.com");
    int http = explain("interception", "--from", "interception/app", "TCP", "10.96.0.20:80");
    int denied = explain("authorization", "--from", "web/other", "TCP", "127.0.0.1:18087");

    assertThat(List.of(unknown, passes, name, http, denied)).containsExactly(1, 0, 1, 1, 1);
    assertThat(out.toString())
        .contains("nothing is known of 192.0.2.1:99")
        .contains("reset (unknown_destination), since outboundTrafficPolicy is REGISTRY_ONLY")
        .contains("goes on to 192.0.2.1:99 itself, as it is")
        .contains("reset (no_route): no rule or service is for 'a.example.com'")
        .contains("this port speaks HTTP; ask for METHOD URL, by its Host");
  }

  @Test
  void whatCannotBeMeantIsAUsageError() {
    assertThat(explain("tcp", "TCP", "nowhere.test:1")).isEqualTo(2);
    assertThat(explain("tcp", "TCP", "10.0.0.1")).isEqualTo(2);
    assertThat(explain("tcp", "TCP", "10.0.0.1:1", "--sni", "a.test")).isEqualTo(2);
    assertThat(problems.toString())
        .contains("nowhere.test (expected: an address, or the host of a service that has one)")
        .contains("'10.0.0.1' (expected: ADDRESS:PORT such as 10.96.0.7:5432")
        .contains("TCP has no server name (expected: TLS)");

    assertThat(explain("canary", "GET", "nonsense")).isEqualTo(2);
    assertThat(explain("canary", "--from", "nobody", "GET", "http://a.test/")).isEqualTo(2);
    assertThat(explain("canary", "-H", "nonsense", "GET", "http://a.test/")).isEqualTo(2);
    assertThat(explain("canary", "GET", "http://a.test/%zz")).isEqualTo(2);
    assertThat(explain("canary", "GET", "ftp://a.test/")).isEqualTo(2);
    assertThat(explain("canary", "GET", "http://a.test:99999/")).isEqualTo(2);
    assertThat(explain("canary", "GET", "http://a.test:0/")).isEqualTo(2);
    assertThat(explain("canary", "GET", "http://ann:secret@a.test/")).isEqualTo(2);
    assertThat(explain("canary", "--admin", "15000", "GET", "http://a.test/")).isEqualTo(2);
    assertThat(problems.toString())
        .contains("'nonsense' (expected: a URL such as")
        .contains("--from nobody (expected: NAMESPACE/SERVICE-ACCOUNT)")
        .contains("-H 'nonsense' (expected: 'NAME: VALUE')")
        .contains("'ftp://a.test/' (expected: a URL such as")
        .contains("'http://ann:secret@a.test/' (expected: a URL such as")
        .contains("--admin (expected: without --config)");
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyRuleOfEveryExampleIsExplained(Path example) throws IOException {
    MeshConfig config = ConfigLoader.load(DirectorySource.read(example)).config();

    for (VirtualService service : config.virtualServices()) {
      if (service.http().isEmpty()) {
        continue; // it speaks of connections, not of requests
      }
      boolean mesh = service.gateways().contains(VirtualService.MESH);
      List<String> arguments = new ArrayList<>(List.of("--output", "json"));
      if (!mesh) {
        arguments.add("--gateway");
      }
      boolean tls = !mesh && config.gateways().toString().contains("HTTPS");
      String host = service.hosts().get(0).replace("*", "any");
      arguments.addAll(List.of("GET", (tls ? "https://" : "http://") + host + "/"));
      out.getBuffer().setLength(0);

      explain(example.getFileName().toString(), arguments.toArray(new String[0]));

      JsonObject told = new JsonObject(out.toString());
      assertThat(told.getJsonArray("tried")).as(told.encodePrettily()).isNotEmpty();
      boolean answered =
          told.containsKey("shares")
              || told.containsKey("redirect")
              || told.containsKey("answer")
              || told.containsKey("why");
      assertThat(answered).as(told.encodePrettily()).isTrue();
    }
  }

  static List<Path> examples() throws IOException {
    try (Stream<Path> all = Files.list(EXAMPLES)) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }

  private int explain(String example, String... arguments) {
    List<String> all = new ArrayList<>(List.of("--config", "dir:" + EXAMPLES.resolve(example)));
    all.addAll(List.of(arguments));
    CommandLine line = new CommandLine(new ExplainCommand());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(problems, true));
    return line.execute(all.toArray(new String[0]));
  }
}
