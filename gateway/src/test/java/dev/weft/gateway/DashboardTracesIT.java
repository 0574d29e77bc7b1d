package dev.weft.gateway;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.weft.testkit.FreePorts;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a request went that failed, read in a browser. */
final class DashboardTracesIT extends DashboardFixture {

  private static final String EVIL_PATH = "/%3Cb%3E\"><script>alert(3)</script>";

  /** Every request fails twice, then a third time. */
  @BeforeEach
  void failing() throws Exception {
    int ill = backend(request -> request.response().setStatusCode(503).end("ill"));
    int closed = FreePorts.next();
    gateway(
        rules(
            "{route: [{destination: {host: backend.test}}],"
                + " retries: {attempts: 2, retryOn: \"5xx,connect-failure\"}}"),
        entry(ill),
        telemetry(
            "{providers: [{name: told}], randomSamplingPercentage: 100, customTags: {tier: {header:"
                + " {name: x-tier}}}}"),
        collector("tracing: {}", "opentelemetry: {service: collector.test, port: 4317}", closed));
    asked("traceparent", SAMPLED, "x-tier", MARKUP, "x-request-id", MARKUP);
  }

  @Test
  void aTraceIsReadFromTheServiceThatFails() throws Exception {
    Page page = open("", WIDE);
    page.locator(".findings li").first().getByRole(AriaRole.LINK).click();
    assertThat(page.locator("h1")).hasText("backend.test");

    page.locator("table.traces a").first().click();

    assertThat(page.locator("h1")).hasText("Trace");
    assertThat(page.url()).endsWith("#/traces/" + TRACE);
    Locator attempts = page.locator("table.waterfall tbody tr");
    assertThat(attempts).hasCount(4); // the request, and three attempts
    assertThat(attempts.nth(1)).containsText("Attempt 1");
    assertThat(attempts.nth(2)).containsText("Attempt 2, a retry");
    assertThat(attempts.nth(3)).containsText("Attempt 3, a retry");
    assertThat(attempts.nth(3)).containsText("503");
    assertThat(attempts.nth(3)).containsText("closed");
    assertThat(page.locator("table.more")).containsText("Tag tier" + MARKUP);
    browser.picture(page, "trace");
    assertThat(bars(page)).isEqualTo(true);
  }

  /** Each bar begins where the one before ended, or later. */
  private static Object bars(Page page) {
    return page.evaluate(
        """
        () => {
          const all = [...document.querySelectorAll('.waterfall .span')].slice(1)
            .map(one => one.querySelector('rect').getBoundingClientRect());
          return all.length === 3 && all.every((one, i) => one.width >= 1
            && (i === 0 || one.left >= all[i - 1].right - 2));
        }""");
  }

  @Test
  void aTraceIsFoundWhereverItIsKnown() throws Exception {
    Page page = open("#/routes", WIDE);
    page.locator(".rules").getByRole(AriaRole.LINK, inRules("traces")).click();
    assertThat(page.locator("h1")).hasText("Traces");
    assertThat(page.getByLabel("Filter")).hasValue("default/rules#0");
    assertThat(page.locator("table.traces tbody tr")).hasCount(1);
    page.getByLabel("Filter").fill("nothing like it");
    assertThat(page.getByText("None has that in it.")).isVisible();

    page.evaluate("location.hash = '#/tap'");
    assertThat(page.locator("h1")).hasText("Tap");
    while (page.locator("table.tap tbody tr").count() == 0) { // until it hears
      asked("traceparent", SAMPLED);
      page.waitForTimeout(100);
    }
    page.locator("table.tap").getByRole(AriaRole.LINK, inRules("trace")).first().click();

    assertThat(page.locator("h1")).hasText("Trace");
    assertThat(page.getByText("requests of this trace came here")).isVisible();
  }

  private static Locator.GetByRoleOptions inRules(String name) {
    return new Locator.GetByRoleOptions().setName(name).setExact(true);
  }

  @Test
  void whatCallersChoseIsTextInATrace() throws Exception {
    text(EVIL_PATH);
    asked("x-request-id", MARKUP, "b3", "0");
    Page page = open("#/traces", WIDE);

    assertThat(page.locator("table.traces")).containsText("<script>alert(3)</script>");
    page.locator("table.traces a", new Page.LocatorOptions().setHasText("alert(3)")).click();
    assertThat(page.locator("h2").first()).containsText("<script>alert(3)</script>");
    page.navigate("http://127.0.0.1:" + admin + "/dashboard/#/traces/" + TRACE);
    assertThat(page.locator("table.more")).containsText(MARKUP);
    page.navigate("http://127.0.0.1:" + admin + "/dashboard/#/traces/" + MARKUP);
    assertThat(page.locator("h1")).hasText("Trace");
    assertThat(page.locator("img").count()).isZero();
    assertThat(page.evaluate("document.querySelectorAll('body script, [onerror]').length"))
        .isEqualTo(0);
  }

  @Test
  void aTraceIsForEverybody() {
    forEverybody(List.of("#/traces", "#/traces/" + TRACE, "#/traces/none"));
  }
}
