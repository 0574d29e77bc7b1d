package dev.weft.gateway;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Locator.FilterOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions.HasCountOptions;
import com.microsoft.playwright.options.AriaRole;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is wrong is found, by all and at a glance. */
final class DashboardBrowserIT extends DashboardFixture {

  private static final double TWO_STEPS = 60_000; // of the hour, each of ten seconds

  private static final List<String> PAGES =
      List.of(
          "",
          "#/topology",
          "#/service/backend.test",
          "#/routes?url=http://shop.test/find",
          "#/route/default%2Frules%230",
          "#/traces",
          "#/tap",
          "#/config",
          "#/history",
          "#/certificates",
          "#/nowhere");

  /** The files of all pages, which are asked for once the first one is drawn. */
  private static final String ALL_FETCHED =
      """
      () => {
        const links = [...document.head.querySelectorAll('link[rel=prefetch]')];
        const there = performance.getEntriesByType('resource').map(one => one.name);
        return links.length > 0 && links.every(one => there.includes(one.href));
      }
      """;

  @BeforeEach
  void shop() throws Exception {
    shop(80, 20);
  }

  @Test
  void theFailingServiceIsFoundFirst() throws Exception {
    Page page = open("", WIDE);

    Locator wrong = page.locator(".findings li").first();
    assertThat(wrong).containsText(Pattern.compile("backend\\.test: .*% of its requests fail"));
    browser.picture(page, "overview");
    wrong.getByRole(AriaRole.LINK).click();

    assertThat(page.locator("h1")).hasText("backend.test");
    assertThat(row(page, "v1")).containsText("100%");
    assertThat(row(page, "v2")).containsText("0.0%");
    assertThat(page.getByText("Last hour")).isVisible();
    assertThat(page.url()).endsWith("#/service/backend.test");
  }

  @Test
  void everyPageIsForEverybody() {
    forEverybody(PAGES);
  }

  @Test
  void theGraphShowsWhoCallsWhom() throws Exception {
    asked(50); // by lot, too few of fifty would fail once in 800 times
    Page page = open("#/topology", WIDE);

    assertThat(page.locator("svg a.node.bad")).containsText("backend.test");
    assertThat(page.locator("svg .label.bad text")).containsText("✖");
    browser.picture(page, "topology");
    page.locator("svg a.node").focus();
    page.keyboard().press("Enter");

    assertThat(page.locator("h1")).hasText("backend.test");
  }

  @Test
  void theGraphComesBackWhereAFilterFoundNothing() {
    Page page = open("#/topology", WIDE);
    assertThat(page.locator("svg a.node.bad")).isVisible();

    page.locator("[data-filter]").fill("nowhere");
    assertThat(page.getByText("No edge has that in a name of its ends.")).isVisible();
    page.waitForTimeout(500); // whatever is drawn of nothing is drawn by now
    page.locator("[data-filter]").fill("");

    assertThat(page.locator("svg a.node.bad")).isVisible();
  }

  @Test
  void keysLeadToPages() {
    Page page = open("", WIDE);
    assertThat(page.locator("table.services")).isVisible();

    page.keyboard().press("/");
    assertThat(page.locator("[data-filter]")).isFocused();
    page.keyboard().type("gtr"); // written, not gone to
    assertThat(page.getByText("No service has that in its name.")).isVisible();
    assertThat(page.url()).endsWith("#/?filter=gtr");
    page.locator("h1").focus();
    page.keyboard().press("g");
    page.keyboard().press("r");
    assertThat(page.locator("h1")).hasText("Routes");
    assertThat(page.locator("h1")).isFocused();
    page.keyboard().press("?");
    assertThat(page.locator("dialog")).isVisible();
    page.keyboard().press("Escape");
    assertThat(page.locator("dialog")).isHidden();
  }

  @Test
  void aRuleTellsHowOftenAndARequestWhatWouldHappen() throws Exception {
    Page page = open("#/routes", WIDE);

    Locator rule = page.locator(".rules > li").first();
    assertThat(rule).containsText("50 since the start");
    assertThat(rule).containsText("80.0%");
    page.getByLabel("URL").fill("http://shop.test/find");
    page.getByRole(AriaRole.BUTTON, named("Explain")).click();

    assertThat(page.locator("pre")).containsText("backend.test");
    assertThat(page.url()).contains("url=http%3A%2F%2Fshop.test%2Ffind");
    page.getByLabel("URL").fill("not a url " + MARKUP);
    page.getByRole(AriaRole.BUTTON, named("Explain")).click();
    assertThat(page.locator(".trouble")).isVisible();
    browser.troubles(); // the browser tells of the answer 400, which was asked for
  }

  @Test
  void theLastHourOfARuleIsShown() throws Exception {
    Page page = open("#/routes", WIDE);
    page.locator(".rules > li strong a").first().click();

    assertThat(page.locator("h1")).hasText("default/rules#0");
    assertThat(page.locator("nav a[aria-current]")).hasText("Routes");
    assertThat(page.locator(".fact").last()).containsText("50");
    assertThat(page.locator(".chart")).hasCount(3, new HasCountOptions().setTimeout(TWO_STEPS));
    assertThat(page.locator(".chart").nth(1)).containsText(Pattern.compile("highest [1-9]"));
    assertThat(page.locator(".chart").nth(2)).containsText("p99 now");
  }

  @Test
  void whatComesFromOutsideIsTextAndNothingElse() throws Exception {
    write(
        "rules.yaml",
        rules("{name: \"" + MARKUP + "\", route: [{destination: {host: backend.test}}]}"));
    Page page = open("#/tap", WIDE);
    assertThat(page.locator("h1")).hasText("Tap");
    String path = "/%3Cscript%3Ealert(1)%3C/script%3E\"><script>alert(2)</script>";
    while (page.locator("table.tap tbody tr").count() == 0) { // until it hears
      evil(path);
      page.waitForTimeout(100);
    }

    assertThat(page.locator("table.tap tbody")).containsText("<script>alert(2)</script>");
    assertThat(page.locator("table.tap tbody")).containsText("agent " + MARKUP);
    for (String place :
        List.of("#/routes", "#/route/" + MARKUP, "#/service/" + MARKUP, "#/" + MARKUP)) {
      page.navigate("http://127.0.0.1:" + admin + "/dashboard/" + place);
      page.reload();
      assertThat(page.getByText(place.equals("#/" + MARKUP) ? "no such page" : MARKUP).first())
          .isVisible();
    }
    assertThat(page.locator("img").count()).isZero();
    assertThat(page.evaluate("document.querySelectorAll('body script, [onerror]').length"))
        .isEqualTo(0);
  }

  @Test
  void aChangeAppearsWithoutReloading() throws Exception {
    Page page = open("#/config", WIDE);
    assertThat(page.locator(".fact").first()).containsText("1");

    write("rules.yaml", weights(100, -5));

    Locator problem = page.locator(".problems li").first();
    assertThat(problem).containsText("-5");
    assertThat(problem.locator(".line.here")).containsText("weight: -5");
    assertThat(page.locator(".fact").filter(new FilterOptions().setHasText("Changes refused")))
        .containsText("1");
    browser.picture(page, "configuration");
    page.keyboard().press("g");
    page.keyboard().press("o");
    assertThat(page.locator(".findings")).containsText("refused: 1 error");
  }

  @Test
  void anErrorStandsBeforeTheWarningsAboveIt() throws Exception {
    Page page = open("#/config", WIDE);
    write(
        "rules.yaml",
        rules(
            "{match: [{uri: {prefix: /a}}], route: [{destination: {host: backend.test, subset: v9}}]},\n"
                + "  {route: [{destination: {host: backend.test}, weight: -5}]}"));

    Locator problems = page.locator(".problems li");
    assertThat(problems.first()).containsText("-5");
    assertThat(problems.nth(1)).containsText("v9");
  }

  @Test
  void callersWhoseRequestsFailStandFirst() throws Exception {
    Page page = open("#/service/backend.test", WIDE);

    Locator first = page.getByLabel("Callers").locator("tbody tr").first();
    assertThat(first).containsText("v2");
    assertThat(first).containsText("100%");
  }

  @Test
  void aRuleThatDoesNothingStandsBesideItsLinesWithARequestThatShowsIt() throws Exception {
    write(
        "rules.yaml",
        rules(
            "{match: [{uri: {prefix: /find}}], route: [{destination: {host: backend.test}}]},\n"
                + "  {match: [{uri: {exact: /find/all}}], directResponse: {status: 204}}"));
    Page page = open("#/config", WIDE);

    Locator problem = page.locator(".problems li").first();
    assertThat(problem).containsText("e.g. GET http://shop.test/find/all");
    assertThat(problem.locator(".line.here")).containsText("exact: /find/all");
    assertThat(page.locator(".fact").last()).containsText("all: 0 findings"); // the load told it
    browser.picture(page, "lint");
    problem.getByText("Explain this request").click();

    assertThat(page.locator("h1")).hasText("Routes");
    assertThat(page.locator("pre")).containsText("default/rules#0");
  }

  @Test
  void whatIsOldSaysSo() throws Exception {
    Page page = open("", WIDE);
    assertThat(page.locator("table.services")).isVisible();
    page.waitForFunction(ALL_FETCHED);

    stopGateway();

    assertThat(page.locator("[role=status]")).hasText("no answer: what is shown is old");
    assertThat(page.locator("table.services")).isVisible();
    page.keyboard().press("g");
    page.keyboard().press("h");
    assertThat(page.locator(".trouble")).hasText("✖ this proxy does not answer");
    browser.troubles(); // the browser tells of the port that is closed

    startAgain();

    assertThat(page.locator(".connection")).hasText("live");
    assertThat(page.locator(".versions h2").first()).containsText("serves");
    assertThat(page.locator(".trouble")).hasCount(0);
    browser.troubles(); // of the port that was closed until now
  }

  private void evil(String path) throws Exception {
    await(
        client(new HttpClientOptions())
            .request(options(HttpMethod.GET, path))
            .compose(
                request ->
                    request
                        .putHeader("user-agent", "agent " + MARKUP)
                        .putHeader("x-request-id", MARKUP)
                        .send()));
  }
}
