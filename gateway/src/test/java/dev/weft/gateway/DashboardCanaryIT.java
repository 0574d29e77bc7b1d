package dev.weft.gateway;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Weights are shifted and taken back, in a browser. */
final class DashboardCanaryIT extends DashboardFixture {

  private static final String SAVED = "written";

  /** As a person writes it. */
  private static String canary(int first, int second) {
    return """
    # the shop; ask before you touch it
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: rules}
    spec:
      hosts: [shop.test]
      http:
      - name: "%s"
        route:
        - destination: {host: backend.test, subset: v1}
          weight:   %d     # most
        - {destination: {host: backend.test, subset: v2}, weight: %d} # new
    """
        .formatted(MARKUP, first, second);
  }

  @BeforeEach
  void shop() throws Exception {
    int well = backend(request -> request.response().end("well"));
    int ill = backend(request -> request.response().setStatusCode(500).end("ill"));
    gateway(canary(80, 20), entry(well, ill));
    asked(100);
  }

  private static Locator slider(Page page, String version) {
    return page.getByLabel("Weight of " + version);
  }

  @Test
  void weightsAreShiftedAndRolledBackByKeyboardAlone() throws Exception {
    Page page = open("", WIDE);
    page.locator("h1").focus();
    page.keyboard().press("g");
    page.keyboard().press("w");
    assertThat(page.locator("h1")).hasText("Canary");
    assertThat(page.locator(".canary h2")).containsText(MARKUP);
    Locator apply = page.getByRole(AriaRole.BUTTON, named("Apply"));
    assertThat(apply).isDisabled();

    slider(page, "v2").focus();
    page.keyboard().press("Home");
    assertThat(slider(page, "v1")).hasValue("100");
    page.keyboard().press("ArrowRight");
    assertThat(page.locator(".sliders output").first()).hasText("99 of 100");
    page.keyboard().press("ArrowLeft");
    page.keyboard().press("Tab"); // from the last slider to the button
    assertThat(apply).isFocused();
    page.keyboard().press("Enter");

    assertThat(page.locator(".outcome")).containsText(SAVED);
    assertThat(folder.resolve("rules.yaml")).hasContent(canary(100, 0));
    for (int i = 0; i < 20; i++) {
      assertThat(text("/")).isEqualTo("well");
    }
    Locator changed = page.locator("table.changed tbody tr");
    assertThat(changed).hasCount(1);
    assertThat(changed).containsText("[80, 20] to [100, 0], asked for from 127.0.0.1");
    assertThat(changed).containsText("v2: 20 → 0");
    page.getByRole(AriaRole.BUTTON, named("Roll back to 80 / 20")).focus();
    page.keyboard().press("Enter");

    assertThat(changed).hasCount(2);
    assertThat(folder.resolve("rules.yaml")).hasContent(canary(80, 20));
    assertThat(slider(page, "v2")).hasValue("20");
  }

  @Test
  void theVersionThatDoesWorseStandsFirst() throws Exception {
    Page page = open("#/canary", WIDE);

    assertThat(page.locator(".canary .findings li").first())
        .containsText("v2 does worse: 0.0% of its requests succeed, 100% of the others");
    assertThat(row(page, "v2 backend.test")).containsText("20.0%weight 20");
    assertThat(row(page, "v2 backend.test")).containsText(Pattern.compile("[\\d.]+% to [\\d.]+%"));
    browser.picture(page, "canary");
  }

  @Test
  void weightsMayAddUpToAnything() throws Exception {
    write("rules.yaml", canary(570_000, 430_000));
    Page page = open("#/canary", WIDE);
    assertThat(page.locator(".sliders output").first()).hasText("570000 of 1000000");
    assertThat(page.locator(".canary table").first()).containsText("57.0%weight 570000");
    assertThat(page.getByRole(AriaRole.REGION, named("default/rules#" + MARKUP + " shop.test")))
        .isVisible();

    slider(page, "v2").focus();
    page.keyboard().press("Home");
    page.getByRole(AriaRole.BUTTON, named("Apply")).click();

    assertThat(page.locator(".outcome")).containsText(SAVED);
    assertThat(folder.resolve("rules.yaml")).hasContent(canary(1_000_000, 0));
    assertThat(text("/")).isEqualTo("well");
  }

  @Test
  void whatSomebodyElseChangedMeanwhileIsLeftAlone() throws Exception {
    Page page = open("#/canary", PHONE);
    slider(page, "v2").fill("50");
    assertThat(slider(page, "v1")).hasValue("50");
    write("rules.yaml", canary(40, 60));
    assertThat(row(page, "v2 backend.test")).containsText("weight 60");

    page.getByRole(AriaRole.BUTTON, named("Apply")).click();

    assertThat(page.locator(".trouble"))
        .containsText("are [40, 60] by now, not [80, 20]: look again");
    assertThat(folder.resolve("rules.yaml")).hasContent(canary(40, 60));
    page.getByRole(AriaRole.BUTTON, named("Leave as it is")).click();
    assertThat(slider(page, "v2")).hasValue("60");
    browser.troubles(); // the browser tells of the answer 400, which was asked for
  }

  /** Known values of Wilson's interval, and that no weight is lost or made. */
  @Test
  void sharesAreToldAsFarAsTheyAreKnown() {
    Page page = open("#/canary", WIDE);

    Object bounds =
        page.evaluate(
            """
            async () => {
              const {interval} = await import('./js/shares.js');
              return [[0, 0], [0, 10], [5, 10], [10, 10], [500, 1000]]
                .map(([hits, all]) => interval(hits, all).map(one => one.toFixed(4)).join(' ')).join();
            }""");
    Object sums =
        page.evaluate(
            """
            async () => {
              const {moved} = await import('./js/shares.js');
              const wrong = [];
              for (const weights of [[80, 20], [1, 0, 0], [33, 33, 34], [999999, 1], [0, 0, 7, 0]]) {
                const sum = weights.reduce((all, one) => all + one);
                for (let at = 0; at < weights.length; at++) {
                  for (let value = 0; value <= sum; value += Math.max(1, Math.round(sum / 100))) {
                    const next = moved(weights, at, value);
                    const well = next[at] === value && next.every(one => Number.isInteger(one) && one >= 0)
                      && next.reduce((all, one) => all + one) === sum;
                    if (!well) wrong.push([weights, at, value, next]);
                  }
                }
              }
              return JSON.stringify([wrong, moved([60, 30, 10], 2, 40)]);
            }""");

    assertThat(bounds)
        .isEqualTo("0.0000 1.0000,0.0000 0.2775,0.2366 0.7634,0.7225 1.0000,0.4691 0.5309");
    assertThat(sums).isEqualTo("[[],[40,20,40]]");
  }

  @Test
  void aCanaryIsForEverybody() {
    forEverybody(List.of("#/canary", "#/canary?filter=none"));
    assertThat(open("#/canary", WIDE).locator("img").count()).isZero();
  }
}
