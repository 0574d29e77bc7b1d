package dev.weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DemoTableTest {

  private static final String GATEWAY = "spiffe://cluster.local/ns/default/sa/gateway";

  private final DemoTable table = new DemoTable();

  @Test
  void ratesSharesAndIdentitiesAreThoseThatTheDestinationSaw() {
    List<String> lines =
        table.lines(
            Map.of(
                "v1-a", counted("v1", "200", "mutual_tls", 150),
                "v1-b", counted("v1", "200", "mutual_tls", 40),
                "v2-a", counted("v2", "503", "mutual_tls", 10)),
            2);

    assertThat(lines).hasSize(3);
    assertThat(lines.get(1).split(" +"))
        .containsExactly(
            "gateway", "->", "search", "v1", "95.0", "95.0%", "100.00%", "<5ms", "<5ms", "mTLS",
            GATEWAY);
    assertThat(lines.get(2)).contains("v2").contains("5.0%").contains("0.00%");
  }

  @Test
  void onlyWhatCameSinceTheLastLookCountsAndAProcessThatIsGoneTakesNothingAway() {
    table.lines(
        Map.of("a", counted("v1", "200", "none", 100), "b", counted("v1", "200", "none", 80)), 2);

    List<String> lines = table.lines(Map.of("a", counted("v1", "200", "none", 106)), 2);

    assertThat(lines.get(1)).contains("   3.0 ").endsWith("none: plaintext");
  }

  private static String counted(String version, String code, String security, int requests) {
    String labels =
        "{reporter=\"destination\",source_app=\"gateway\",source_principal=\""
            + GATEWAY
            + "\",destination_app=\"search\",destination_version=\""
            + version
            + "\",response_code=\""
            + code
            + "\",connection_security_policy=\""
            + security
            + "\"";
    return "istio_requests_total"
        + labels
        + "} "
        + requests
        + ".0\n"
        + "istio_request_duration_milliseconds_bucket"
        + labels
        + ",le=\"1.0\"} 0\n"
        + "istio_request_duration_milliseconds_bucket"
        + labels
        + ",le=\"5.0\"} "
        + requests
        + "\n"
        + "istio_request_duration_milliseconds_bucket"
        + labels
        + ",le=\"+Inf\"} "
        + requests
        + "\n";
  }
}
