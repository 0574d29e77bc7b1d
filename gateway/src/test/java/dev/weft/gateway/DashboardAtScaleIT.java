package dev.weft.gateway;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.weft.testkit.browser.Browser;
import io.vertx.core.Vertx;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** What is drawn piece by piece is there in the end, and stays where it is. */
@Timeout(180)
@EnabledIf(value = "possible", disabledReason = "needs chromium")
final class DashboardAtScaleIT {

  private static final int SERVICES = 200;
  private static final int EDGES = 2_000;

  private final Vertx vertx = Vertx.vertx();
  private final BusyMesh mesh = new BusyMesh(SERVICES, EDGES);
  private Browser browser;
  private int port;

  static boolean possible() {
    return Browser.possible();
  }

  @BeforeEach
  void open() throws Exception {
    PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
    browser = new Browser();
    port = mesh.shown(vertx);
  }

  @AfterEach
  void close() throws Exception {
    List<String> troubles = browser.troubles();
    browser.close();
    GatewayFixture.await(vertx.close());
    assertThat(troubles).isEmpty();
  }

  @Test
  void everyServiceIsListed() {
    Page page = browser.open(port, "", 1280, ColorScheme.LIGHT);

    assertThat(page.locator("table.services tbody tr")).hasCount(SERVICES);
    page.locator("[data-filter]").fill("service-199.");
    assertThat(page.locator("table.services tbody tr")).hasCount(1);
  }

  @Test
  void whatFailsIsFoundAmongAllEdges() {
    Page page = browser.open(port, "", 1280, ColorScheme.LIGHT);
    assertThat(page.locator(".findings > ul > li")).hasCount(8);
    assertThat(page.locator("table.services")).isVisible();
    page.locator(".findings summary").click();
    assertThat(page.locator(".findings details li").first()).isVisible();

    page.evaluate("location.hash = '#/topology'");
    page.getByLabel("only what fails").check();
    page.waitForFunction(
        "most => document.querySelectorAll('svg .link').length < most", (int) mesh.links() / 4);
    assertThat(page.locator("svg .link.bad").first()).isAttached(); // level, it has no height
    assertThat(page.locator("svg .label.bad").first()).isVisible();
    assertThat(page.locator("svg .label.bad").first()).containsText("✖");
    page.getByLabel("only what fails").uncheck();
    page.locator("[data-filter]").fill("service-7.");

    assertThat(
            page.locator("svg a.node").filter(new Locator.FilterOptions().setHasText("service-7.")))
        .hasCount(1);
    assertThat(page.url()).endsWith("#/topology?filter=service-7.");
    page.waitForFunction("document.querySelectorAll('svg .node').length < 60");
    page.locator("[data-filter]").fill("nothing of that name");
    assertThat(page.getByText("No edge has that in a name of its ends.")).isVisible();
  }

  @Test
  void everyEdgeIsDrawnWhereItStays() {
    Page page = browser.open(port, "#/topology", 1280, ColorScheme.LIGHT);

    assertThat(page.locator("svg .node")).hasCount(SERVICES);
    assertThat(page.locator("svg .link")).hasCount((int) mesh.links());
    Object moved =
        page.evaluate(
            """
            async () => {
              const svg = document.querySelector('.graph svg');
              const where = () => [...svg.querySelectorAll('.link path')].map(one => one.getAttribute('d'));
              const first = document.querySelector('svg .link');
              const before = where();
              let changes = 0;
              const watch = new MutationObserver(list => { changes += list.length; });
              watch.observe(svg, {childList: true, subtree: true, attributes: true, characterData: true});
              while (changes === 0) await new Promise(done => setTimeout(done, 100));
              await new Promise(done => setTimeout(done, 2500));
              return before.join() !== where().join() || first !== document.querySelector('svg .link');
            }""");
    assertThat(moved).isEqualTo(false);
  }
}
