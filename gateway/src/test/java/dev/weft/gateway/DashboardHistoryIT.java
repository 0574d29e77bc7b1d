package dev.weft.gateway;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A change that does harm is seen and taken back, in a browser. */
final class DashboardHistoryIT extends DashboardFixture {

  @BeforeEach
  void shop() throws Exception {
    shop(100, 0);
  }

  @Test
  void aChangeThatDoesHarmIsTakenBack() throws Exception {
    write("rules.yaml", weights(0, 100));
    assertThat(eventually("ill")).isTrue();
    asked(30);
    Page page = open("#/history", WIDE);

    Locator wrong = page.locator(".findings li");
    assertThat(wrong)
        .containsText(
            Pattern.compile(
                "Since version 2 more requests fail: (100|9\\d\\.\\d)% succeeded before"));
    Locator newest = page.locator(".versions > li").first();
    newest.locator("summary").click();
    assertThat(newest.locator("table.fields tbody tr").first())
        .hasText("spec.http[0].route[0].weight1000");
    browser.picture(page, "history");
    wrong.getByRole(AriaRole.BUTTON).focus();
    page.keyboard().press("Enter");
    assertThat(page.locator("dialog[open]")).containsText("Go back to version 1?");
    assertThat(browser.violations(page)).isEqualTo(List.of());
    page.keyboard().press("Escape"); // is no
    assertThat(page.locator("dialog[open]")).hasCount(0);
    assertThat(folder.resolve("rules.yaml")).hasContent(weights(0, 100));
    assertThat(eventually("ill")).isTrue(); // its breaker may be open
    wrong.getByRole(AriaRole.BUTTON).click();
    page.getByRole(AriaRole.BUTTON, named("Go back").setExact(true)).click();

    assertThat(page.locator(".outcome")).containsText("Version 1 serves again, as version 3.");
    assertThat(page.locator(".outcome li")).containsText("dir:" + folder);
    assertThat(page.locator(".outcome li")).containsText("written");
    assertThat(text("/")).isEqualTo("well");
    assertThat(folder.resolve("rules.yaml")).hasContent(weights(100, 0));
    assertThat(page.locator(".versions > li").first()).containsText("rollback to 1");
    assertThat(page.locator(".findings li")).hasCount(0);
  }

  @Test
  void whatCannotBeTakenBackIsToldWhy() throws Exception {
    write("rules.yaml", weights(0, 100));
    assertThat(eventually("ill")).isTrue();
    Page page = open("#/history", PHONE);
    Locator back = page.locator(".versions").getByRole(AriaRole.BUTTON).first();
    assertThat(back).isVisible();
    page.route(
        "**/config/rollback*",
        route ->
            route.fulfill(
                new Route.FulfillOptions()
                    .setStatus(400)
                    .setBody("{\"error\": \"because " + MARKUP + "\"}")));
    back.click();
    page.getByRole(AriaRole.BUTTON, named("Go back").setExact(true)).click();

    assertThat(page.locator(".trouble")).hasText("✖ Not rolled back: because " + MARKUP);
    assertThat(page.locator("img").count()).isZero();
    browser.troubles(); // the browser tells of the answer 400, which was asked for
  }
}
