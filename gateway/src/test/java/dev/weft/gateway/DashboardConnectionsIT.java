package dev.weft.gateway;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.browser.Browser;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** Connections that are not HTTP, in a browser: what goes over them, and how they are divided. */
@Timeout(180)
@EnabledIf(value = "seen", disabledReason = "needs chromium and Linux's epoll")
final class DashboardConnectionsIT extends ConnectionsFixture {

  private static final int CONNECTIONS = 60;
  private static final int WIDE = 1280;
  private static final int PHONE = 360;
  private static final String RULE =
      "tcp: [{route: [{destination: {host: db.test, subset: v1}, weight: %d},"
          + " {destination: {host: db.test, subset: v2}, weight: %d}]}]";

  private Browser browser;

  static boolean seen() {
    return possible() && Browser.possible();
  }

  @BeforeEach
  void carry() throws Exception {
    PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
    admin = FreePorts.next();
    begin(
        "- {port: {number: %d, name: tcp, protocol: TCP}, bind: 127.0.0.1, hosts: ['*']}"
            .formatted(port),
        service("db", "TCP", endpoint(echo("one"), "v1") + ", " + endpoint(echo("two"), "v2")),
        rules("db", "db.test", RULE.formatted(80, 20)));
    for (int i = 0; i < CONNECTIONS; i++) {
      said("select " + i);
    }
    browser = new Browser();
  }

  @AfterEach
  void leave() {
    List<String> troubles = browser.troubles();
    browser.close();
    assertThat(troubles).isEmpty();
  }

  @Test
  void edgesAndServicesTellBytes() {
    Page page = browser.open(admin, "#/topology", WIDE, ColorScheme.LIGHT);

    assertThat(page.locator("svg .label text")).containsText(Pattern.compile("\\d B/s|kB/s"));
    assertThat(page.getByLabel("Edges").locator("thead")).containsText("Bytes/s");
    page.locator("svg a.node").click();

    assertThat(page.locator("h1")).hasText("db.test");
    assertThat(page.locator(".facts")).containsText("To callers");
    assertThat(page.locator(".facts")).not().containsText("Requests a second");
    assertThat(DashboardFixture.row(page, "v1")).containsText("B");
    page.locator("header").getByText("Overview").click();
    assertThat(page.locator("table.services tbody tr").first()).containsText("B/s");
    assertThat(page.locator("table.services tbody tr").first()).containsText("well");
  }

  @Test
  void weightsOfConnectionsAreShifted() throws Exception {
    Page page = browser.open(admin, "#/canary", WIDE, ColorScheme.LIGHT);
    Locator shares = page.locator(".canary table").first();
    assertThat(page.locator(".canary h2")).containsText("default/db#tcp[0]");
    assertThat(shares).containsText("Connections");
    assertThat(shares).containsText("80.0%weight 80");
    int counted =
        shares.locator("tbody tr td:nth-child(4)").allTextContents().stream()
            .mapToInt(Integer::parseInt)
            .sum();
    assertThat(counted).isEqualTo(CONNECTIONS);

    page.getByLabel("Weight of v2").focus();
    page.keyboard().press("Home");
    page.getByRole(AriaRole.BUTTON, DashboardFixture.named("Apply")).click();

    assertThat(page.locator(".outcome")).containsText("written");
    assertThat(folder.resolve("entry1.yaml"))
        .content()
        .contains("weight: 100}")
        .contains("weight: 0}");
    for (int i = 0; i < 20; i++) {
      assertThat(said("again")).isEqualTo("one:again");
    }
    page.getByRole(AriaRole.BUTTON, DashboardFixture.named("Roll back to 80 / 20")).click();
    assertThat(page.getByLabel("Weight of v2")).hasValue("20");
  }

  @Test
  void theyAreForEverybody() {
    Page page = browser.open(admin, "", PHONE, ColorScheme.DARK);
    for (String place : List.of("#/topology", "#/service/db.test", "#/canary", "#/routes")) {
      page.evaluate("place => location.hash = place", place);
      page.locator("main h2, main table, .rules").first().waitFor();

      assertThat(browser.violations(page)).as(place).isEqualTo(List.of());
      assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
          .as(place + " fits " + PHONE)
          .isEqualTo(true);
    }
  }
}
