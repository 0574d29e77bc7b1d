package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.weft.testkit.browser.Browser;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * How long the dashboard takes to show 200 services and 2,000 edges that change each second, and
 * its frames then. No build runs it; on an idle machine: {@code mvn verify -pl ...
 * -Dit.test=DashboardFrames}. It leaves what it saw in {@code target/dashboard-frames.txt}, and
 * profiles of the processor that Chromium's tools can open beside it.
 */
@Timeout(300)
@EnabledIf(value = "possible", disabledReason = "needs chromium")
final class DashboardFrames {

  private static final int SERVICES = 200;
  private static final int EDGES = 2_000;
  private static final int ROUNDS = 5;
  private static final int SECONDS = 15;

  /** What is there when a page can be read. */
  private static final Map<String, String> READY =
      Map.of(
          "",
          "table.services tbody tr",
          "#/topology",
          "svg .node",
          "#/service/service-1.prod.svc.cluster.local",
          "dl.facts");

  private static final String TASKS =
      """
      () => new Promise(resolve => {
        new PerformanceObserver(list => resolve(
          list.getEntries().map(one => Math.round(one.duration)).join(' ')))
          .observe({type: 'longtask', buffered: true});
        setTimeout(() => resolve('none'), 500);
      })""";

  private final List<String> seen = new ArrayList<>();

  static boolean possible() {
    return Browser.possible();
  }

  @Test
  void framesAreSeen() throws Exception {
    Vertx vertx = Vertx.vertx();
    BusyMesh mesh = new BusyMesh(SERVICES, EDGES);
    try (Browser browser = new Browser()) {
      int port = mesh.shown(vertx);
      seen.add(SERVICES + " services, " + EDGES + " edges between " + mesh.links() + " pairs");
      for (String place : List.of("", "#/topology", "#/service/service-1.prod.svc.cluster.local")) {
        look(browser, port, place);
      }
    } finally {
      GatewayFixture.await(vertx.close());
    }
    Files.write(Path.of("target", "dashboard-frames.txt"), seen);
    assertThat(seen).hasSizeGreaterThan(ROUNDS);
  }

  private static String name(String place) {
    return place.isEmpty() ? "overview" : place.substring(2).replaceAll("/.*", "");
  }

  private void look(Browser browser, int port, String place) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      long began = System.nanoTime();
      Page page = browser.open(port, place, 1280, ColorScheme.LIGHT);
      page.locator(READY.get(place)).first().waitFor();
      long ready = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
      seen.add(
          "%s: ready %d ms after it was asked for; tasks over 50 ms until then: %s"
              .formatted(name(place), ready, page.evaluate(TASKS)));
      if (round == ROUNDS - 1) {
        profiled(page, place);
      }
      browser.leave();
    }
  }

  private void profiled(Page page, String place) throws Exception {
    CDPSession tools = page.context().newCDPSession(page);
    tools.send("Profiler.enable");
    page.evaluate(
        """
        () => {
          globalThis.frames_ = [];
          let last = performance.now();
          const next = now => { frames_.push(now - last); last = now; requestAnimationFrame(next); };
          requestAnimationFrame(next);
          globalThis.tasks_ = [];
          new PerformanceObserver(list => { for (const one of list.getEntries()) tasks_.push(one.duration); })
            .observe({type: 'longtask'});
        }""");
    page.waitForTimeout(1000);
    page.evaluate("() => { frames_.length = 0; tasks_.length = 0; }");
    tools.send("Profiler.start");
    page.waitForTimeout(SECONDS * 1000.0);
    Object told =
        page.evaluate(
            """
            () => {
              const all = [...frames_].sort((a, b) => b - a);
              const at = share => Math.round(all[Math.floor(all.length * share)]);
              return `frames ${all.length}, worst ${all.slice(0, 8).map(Math.round).join(' ')} ms, `
                + `p99 ${at(0.01)} ms, p50 ${at(0.5)} ms; tasks over 50 ms: `
                + `${tasks_.map(Math.round).join(' ') || 'none'}`;
            }""");
    seen.add(name(place) + ": " + told);
    JsonObject profile = tools.send("Profiler.stop").getAsJsonObject("profile");
    Files.writeString(
        Path.of("target", "dashboard-" + name(place) + ".cpuprofile"), profile.toString());
  }
}
