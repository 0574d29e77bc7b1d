package dev.weft.gateway;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.weft.testkit.TestCertificates;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a gateway without an identity shows to its callers, and how long that lasts. */
final class DashboardCertificatesIT extends DashboardFixture {

  private final Instant now = Instant.now();

  private void served(Duration life, Duration left) throws Exception {
    gatewayOfServers(edge() + server("shop.test", life, left));
  }

  private static String edge() {
    return """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
        """;
  }

  /** With a certificate of its own. */
  private String server(String host, Duration life, Duration left) throws Exception {
    Instant end = now.plus(left).plusSeconds(60);
    TestCertificates authority = new TestCertificates(now);
    Path files = state.resolve(host);
    authority.leaf(authority.form(end.minus(life), end).dns(host), authority.root()).write(files);
    return """
          - port: {number: %1$d, name: %2$s, protocol: HTTPS}
            bind: 127.0.0.1
            hosts: [%2$s]
            tls: {mode: SIMPLE, serverCertificate: %3$s/tls.crt, privateKey: %3$s/tls.key}
        """
        .formatted(port, host, files);
  }

  @Test
  void whatEndsSoonIsFoundFirst() throws Exception {
    served(Duration.ofDays(99), Duration.ofDays(9));
    Page page = open("", WIDE);

    Locator wrong = page.locator(".findings li").first();
    assertThat(wrong).containsText("The certificate of shop.test ends in 9 days");
    wrong.getByRole(AriaRole.LINK).click();

    assertThat(page.locator("h1")).hasText("Certificates");
    assertThat(row(page, "shop.test")).containsText("▲ 9 days");
    assertThat(row(page, "shop.test")).containsText("Weft mesh root");
    forEverybody(List.of("#/certificates"));
  }

  @Test
  void whatLastsIsToldWithoutAlarm() throws Exception {
    served(Duration.ofDays(90), Duration.ofDays(89));
    Page page = open("#/certificates", WIDE);

    assertThat(row(page, "shop.test")).containsText("● 89 days");
    page.keyboard().press("g");
    page.keyboard().press("o");
    assertThat(page.locator(".sentence")).containsText("nothing wrong");
  }

  @Test
  void whatEndsFirstStandsFirst() throws Exception {
    gatewayOfServers(
        edge()
            + server("late.test", Duration.ofDays(90), Duration.ofDays(80))
            + server("soon.test", Duration.ofDays(90), Duration.ofDays(3)));
    Page page = open("#/certificates", WIDE);
    Locator rows = page.getByLabel("Certificates").locator("tbody tr");

    assertThat(rows).hasCount(2);
    assertThat(rows.first()).containsText("soon.test");
    assertThat(rows.first()).containsText("▲ 3 days");
  }
}
