package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.browser.Browser;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** A browser that looks at a gateway, and must find nothing to complain about. */
@Timeout(180)
@EnabledIf(value = "possible", disabledReason = "needs chromium")
abstract class DashboardFixture extends TracesFixture {

  static final int WIDE = Browser.WIDE;
  static final int PHONE = Browser.PHONE;
  static final String MARKUP = "<img src=x onerror=alert(1)>";

  static Browser browser;

  @BeforeAll
  static void launch() throws Exception {
    browser = new Browser();
    PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
  }

  @AfterAll
  static void quit() {
    browser.close();
  }

  static boolean possible() {
    return Browser.possible();
  }

  @BeforeEach
  void adminPort() throws IOException {
    admin = FreePorts.next();
  }

  @AfterEach
  void nothingWentWrong() {
    List<String> troubles = browser.troubles();
    browser.leave(); // before the gateway ends, of which a page would tell
    assertThat(troubles).isEmpty();
  }

  /** One of two versions fails. */
  void shop(int first, int second) throws Exception {
    int well = backend(request -> request.response().end("well"));
    int ill = backend(request -> request.response().setStatusCode(500).end("ill"));
    gateway(weights(first, second), entry(well, ill));
    asked(50);
  }

  void asked(int times) throws Exception {
    for (int i = 0; i < times; i++) {
      text("/find?q=" + i);
    }
  }

  static Page.GetByRoleOptions named(String name) {
    return Browser.named(name);
  }

  static Locator row(Page page, String name) {
    return Browser.row(page, name);
  }

  Page open(String place, int width) {
    return browser.open(admin, place, width, ColorScheme.LIGHT);
  }

  /** Shown to all who use other means than eyes and a mouse, light and wide, dark and narrow. */
  void forEverybody(List<String> places) {
    assertThat(browser.complaints(admin, places)).isEmpty();
  }
}
