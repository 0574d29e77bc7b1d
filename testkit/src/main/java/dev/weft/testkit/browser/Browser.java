package dev.weft.testkit.browser;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.weft.testkit.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * A browser that looks at a dashboard: Debian's Chromium, as a user would have it: no switch
 * relaxes what a page may do. What goes wrong in a page is kept, and so is each request that leaves
 * the port it came from.
 */
public final class Browser implements AutoCloseable {

  /** A screen's width in pixels. */
  public static final int WIDE = 1280;

  /** A phone's. */
  public static final int PHONE = 360;

  private static final String CHROMIUM = "/usr/bin/chromium";
  private static final Path PICTURES = Path.of("target", "screenshots");

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser browser;
  private final List<String> troubles = new CopyOnWriteArrayList<>();
  private final String axe;

  /** Launches it. */
  public Browser() throws IOException {
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
  public static boolean possible() {
    return Tools.installed(CHROMIUM);
  }

  /**
   * Opens a page of a dashboard, and waits until it is live.
   *
   * @param port on this machine
   * @param place within the pages, e.g. {@code #/canary}
   * @param width in pixels
   */
  public Page open(int port, String place, int width, ColorScheme colours) {
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
  public void leave() {
    browser.contexts().forEach(BrowserContext::close);
  }

  /** What went wrong since the last question. */
  public List<String> troubles() {
    List<String> all = List.copyOf(troubles);
    troubles.clear();
    return all;
  }

  /** What axe finds that people who use other means than eyes and a mouse would miss. */
  public Object violations(Page page) {
    page.evaluate(axe);
    return page.evaluate(
        """
        async () => (await axe.run()).violations.map(one =>
          `${one.id}: ${one.nodes.map(node => node.html.slice(0, 200)).join(' | ')}`)""");
  }

  /** A row of a table by its head, as it is read aloud. */
  public static Locator row(Page page, String name) {
    return page.getByRole(AriaRole.ROW)
        .filter(
            new Locator.FilterOptions()
                .setHas(page.getByRole(AriaRole.ROWHEADER, named(name).setExact(true))));
  }

  /** What is called so. */
  public static Page.GetByRoleOptions named(String name) {
    return new Page.GetByRoleOptions().setName(name);
  }

  /**
   * Shows pages to all who use other means than eyes and a mouse, light and wide, dark and narrow.
   *
   * @return what any of them would complain about
   */
  public List<String> complaints(int port, List<String> places) {
    List<String> all = new ArrayList<>();
    for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      int width = colours == ColorScheme.LIGHT ? WIDE : PHONE;
      Page page = open(port, "", width, colours);
      for (String place : places) {
        page.evaluate("place => location.hash = place", place);
        page.locator("h1").waitFor();
        page.locator("main h2, main table, main .empty, main p a").first().waitFor();
        ((List<?>) violations(page)).forEach(one -> all.add(place + ": " + one));
        if (!(boolean) page.evaluate("document.documentElement.scrollWidth <= innerWidth")) {
          all.add(place + " does not fit " + width);
        }
      }
      leave();
    }
    return all;
  }

  /** Kept among what a build leaves behind. */
  public void picture(Page page, String name) throws IOException {
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
