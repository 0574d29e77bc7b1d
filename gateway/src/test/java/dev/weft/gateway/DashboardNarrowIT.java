package dev.weft.gateway;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All that a wide screen shows is on a phone, too, and what is not known yet is not told. */
final class DashboardNarrowIT extends DashboardFixture {

  private static final int TABLET = 768;

  /** How far tables reach beyond their room, by their names. */
  private static final String HIDDEN =
      """
      () => [...document.querySelectorAll('.scroll')]
        .filter(one => one.scrollWidth > one.clientWidth)
        .map(one => `${one.ariaLabel}: ${one.scrollWidth} > ${one.clientWidth}`)\
      """;

  @BeforeEach
  void shop() throws Exception {
    shop(80, 20);
  }

  @Test
  void noTableHidesAColumn() {
    Map<String, String> places =
        Map.of(
            "", "Services",
            "#/topology", "Edges",
            "#/service/backend.test", "Versions",
            "#/canary", "Shares of default/rules#0",
            "#/traces", "Traces");
    Page page = open("", PHONE);
    places.forEach(
        (place, table) -> {
          page.evaluate("place => location.hash = place", place);
          assertThat(page.getByLabel(table, exactly()).locator("tbody tr").first()).isVisible();

          assertThat((List<?>) page.evaluate(HIDDEN)).as(place).isEmpty();
        });
  }

  private static Page.GetByLabelOptions exactly() {
    return new Page.GetByLabelOptions().setExact(true);
  }

  @Test
  void eachValueHasItsName() {
    Page page = open("#/service/backend.test", PHONE);
    Locator version = row(page, "v2");
    assertThat(version).containsText("0.0%");

    assertThat(
            version.evaluate(
                "row => [...row.cells].slice(1).map(one => getComputedStyle(one,"
                    + " '::before').content)"))
        .isEqualTo(List.of("\"Share\"", "\"Req/s\"", "\"Success\"", "\"p50\"", "\"p99\""));
    assertThat(
            version.evaluate(
                "row => [...row.cells].every(one => one.getBoundingClientRect().right <="
                    + " innerWidth)"))
        .isEqualTo(true);
  }

  @Test
  void aTabletHasTheWholeTable() {
    Page page = open("", TABLET);
    Locator services = page.locator("table.services");

    assertThat(services.locator("thead th").last()).hasText("In flight");
    assertThat((List<?>) page.evaluate(HIDDEN)).isEmpty();
    assertThat(services.locator("tbody td.num").first()).isVisible();
  }

  @Test
  void theVersionThatFailsIsNamed() {
    Page page = open("", WIDE);

    assertThat(page.locator(".findings li").first())
        .containsText(
            Pattern.compile("backend\\.test: .*% of its requests fail, all of them of version v2"));
  }

  @Test
  void whatIsNotKnownYetIsNotSaidToBeNothing() {
    Page page = open("", WIDE);
    page.route(
        Pattern.compile("/(routes|canary|traces|certs|config/history)(\\?.*)?$"), route -> {});
    for (String place :
        List.of("#/routes", "#/canary", "#/traces", "#/certificates", "#/history")) {
      page.evaluate("place => location.hash = place", place);

      assertThat(page.locator(".empty")).hasText("Asking this proxy…");
      assertThat(page.locator("main")).not().containsText(Pattern.compile("\\bNo(ne|thing)? "));
    }
  }

  @Test
  void commandsAskThePortOfThePage() {
    Page page = open("", WIDE);
    assertThat(page.locator(".command code")).hasText("weft top --admin " + admin);

    page.evaluate("location.hash = '#/traces'");
    assertThat(page.locator(".command code"))
        .hasText("curl http://127.0.0.1:" + admin + "/traces?last=20");
    page.evaluate("location.hash = '#/config'");
    assertThat(page.locator(".command code")).hasText("weft check PATH");
  }

  @Test
  void requestsThatNobodyTookAreExplained() throws Exception {
    await(
        client(new HttpClientOptions())
            .request(options(HttpMethod.GET, "/").putHeader("host", "nobody.test"))
            .compose(request -> request.send()));
    Page page = open("#/service/unknown", WIDE);

    assertThat(page.locator("h1")).hasText("no service: answered here");
    assertThat(page.locator("main")).containsText("no endpoint was asked");
    assertThat(page.getByText("No endpoint.")).hasCount(0);
  }

  @Test
  void aFilterFindsWhatIsWrittenLargeOrSmall() {
    Page page = open("#/?filter=BackEnd", WIDE);

    assertThat(page.locator("table.services tbody tr")).hasCount(1);
    assertThat(page.locator("table.services tbody")).containsText("backend.test");
  }
}
