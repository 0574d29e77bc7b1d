package dev.weft.gateway;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import dev.weft.testkit.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * Debian's Chromium, as a user would have it: no switch relaxes what a page may do. What goes wrong
 * in a page is kept, and so is each request that leaves the port it came from.
 */
final class Browser implements AutoCloseable {

  private static final String CHROMIUM = "/usr/bin/chromium";
  private static final Path PICTURES = Path.of("target", "screenshots");

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser browser;
  private final List<String> troubles = new CopyOnWriteArrayList<>();
  private final String axe;

  Browser() throws IOException {
    axe = resource("/axe-core-4.14.1/axe.min.js");
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of(CHROMIUM))
                    .setArgs(List.of("--disable-dev-shm-usage"))
                    .setChromiumSandbox(false)); // root may not have one
  }

  /** Whether there is one here. */
  static boolean possible() {
    return Tools.installed(CHROMIUM);
  }

  /** Opens a page of a gateway's dashboard. */
  Page open(int port, String place, int width, ColorScheme colours) {
    BrowserContext context =
        browser.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(width, 900)
                .setColorScheme(colours));
    String own = "http://127.0.0.1:" + port + "/";
    Page page = context.newPage();
    page.onConsoleMessage(
        said -> {
          if (said.type().equals("error") || said.type().equals("warning")) {
            troubles.add("console: " + said.text());
          }
        });
    page.onPageError(error -> troubles.add("script: " + error));
    page.onDialog(
        dialog -> {
          troubles.add("dialog: " + dialog.message());
          dialog.dismiss();
        });
    page.onRequest(
        request -> {
          if (!request.url().startsWith(own)) {
            troubles.add("request: " + request.url());
          }
        });
    page.navigate(own + "dashboard/" + place);
    page.locator("[role=status].live").waitFor();
    return page;
  }

  /** Closes all pages. */
  void leave() {
    browser.contexts().forEach(BrowserContext::close);
  }

  /** What went wrong since the last question. */
  List<String> troubles() {
    List<String> all = List.copyOf(troubles);
    troubles.clear();
    return all;
  }

  /** What axe finds that people who use other means than eyes and a mouse would miss. */
  Object violations(Page page) {
    page.evaluate(axe);
    return page.evaluate(
        """
        async () => (await axe.run()).violations.map(one =>
          `${one.id}: ${one.nodes.map(node => node.html.slice(0, 200)).join(' | ')}`)""");
  }

  /** Kept among what a build leaves behind. */
  void picture(Page page, String name) throws IOException {
    Files.createDirectories(PICTURES);
    page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")));
  }

  private static String resource(String name) throws IOException {
    try (InputStream text = Objects.requireNonNull(Browser.class.getResourceAsStream(name))) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    Stream.<AutoCloseable>of(browser, playwright)
        .forEach(
            one -> {
              try {
                one.close();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
  }
}
