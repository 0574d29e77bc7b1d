package dev.weft.gateway;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Why is this a 503? A click away, with what it means and what to do. */
final class CausesBrowserIT extends DashboardFixture {

  private static final String MEANS = "nothing listens at the endpoint";
  private static final String DO = "is the application up, is targetPort its port?";

  /** However often it was asked, the endpoint is tried, and its answer the cause. */
  private static final String NO_BREAKER =
      """
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default}
      spec: {breaker: {minimumRequests: 100000}}
      """;

  @BeforeEach
  void nobodyListens() throws Exception {
    gateway(
        rules(
            "{name: '"
                + MARKUP
                + "', retries: {attempts: 0},"
                + " route: [{destination: {host: backend.test}}]}"),
        entry(1),
        NO_BREAKER);
    asked(3);
  }

  @Test
  void ofAService() {
    Page page = open("", WIDE);

    page.locator(".findings li").first().getByRole(AriaRole.LINK).click();

    Locator row = page.getByRole(AriaRole.REGION, named("Causes")).locator("tbody tr");
    assertThat(row).containsText("3");
    assertThat(row).containsText(MEANS);
    assertThat(row).containsText(DO);
    assertThat(row).containsText("endpoint 127.0.0.1:1: ");
    page.getByRole(AriaRole.LINK, named("those that fail now")).click();
    assertThat(page.locator("h1")).hasText("Tap");
    assertThat(page.url()).contains("status=5xx").contains("cluster=backend.test");
  }

  @Test
  void ofARule() {
    Page page = open("#/routes", WIDE);

    Locator cause = page.locator(".rules details").filter(having("3 connect_refused"));
    cause.locator("summary").click();

    assertThat(cause).containsText(MEANS);
    assertThat(cause.getByText(DO)).isVisible();
    assertThat(page.locator(".rules img").count()).isZero();
  }

  @Test
  void ofARequestThatEnds() throws Exception {
    Page page = open("#/tap?status=5xx", WIDE);
    assertThat(page.locator("h1")).hasText("Tap");
    while (page.locator("table.tap tbody details").count() == 0) { // until it hears
      asked(1);
      page.waitForTimeout(100);
    }

    Locator cause = page.locator("table.tap tbody details").last();
    cause.locator("summary").press("Enter");

    assertThat(cause.getByText(DO)).isVisible();
  }

  @Test
  void isForEverybody() {
    forEverybody(List.of("#/service/backend.test", "#/routes", "#/tap"));
  }

  private static Locator.FilterOptions having(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }
}
