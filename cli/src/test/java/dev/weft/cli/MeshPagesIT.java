package dev.weft.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.weft.testkit.browser.Browser.row;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.browser.Browser;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pages of a control plane in a browser: a gateway and a sidecar call a service, one of whose
 * two versions fails.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIf(value = "possible", disabledReason = "needs chromium")
final class MeshPagesIT {

  private static final String MARKUP = "<img src=x onerror=alert(1)>";
  private static final int EDGE = 100; // requests of the gateway
  private static final int INSIDE = 30; // of a sidecar
  private static final String SERVICE =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: shop, namespace: prod}
      spec:
        hosts: [shop.test]
        location: MESH_INTERNAL
        resolution: STATIC
        ports: [{number: 80, name: http, protocol: HTTP}]
        endpoints:
        - {address: 127.0.0.1, ports: {http: %d}, serviceAccount: well, labels: {version: v1}}
        - {address: 127.0.0.1, ports: {http: %d}, serviceAccount: ill, labels: {version: v2}}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: shop, namespace: prod}
      spec:
        host: shop.test
        subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
      """;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private int edge;
  private int inside;
  private Path folder;
  private Browser browser;
  private LaunchedMesh mesh;

  static boolean possible() {
    return Browser.possible();
  }

  /** As a person writes it. */
  private static String rules(int first, int second) {
    return """
    # the shop; ask before you touch it
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: shop, namespace: prod}
    spec:
      hosts: [shop.test]
      http:
      - name: "%s"
        route:
        - destination: {host: shop.test, subset: v1}
          weight:   %d     # most
        - {destination: {host: shop.test, subset: v2}, weight: %d} # new
    """
        .formatted(MARKUP, first, second);
  }

  @BeforeAll
  void start(@TempDir Path shared) throws Exception {
    folder = shared;
    edge = FreePorts.next();
    inside = FreePorts.next();
    int first = FreePorts.next();
    int second = FreePorts.next();
    mesh = new LaunchedMesh(folder);
    mesh.configure("shop.yaml", SERVICE.formatted(first, second));
    mesh.configure("rules.yaml", rules(80, 20));
    mesh.configure("server.yaml", EndingServer.inFrontOf("app: edge", folder));
    version("well", "v1", first, request -> request.response().end("well"), "127.0.0.1:" + inside);
    version("ill", "v2", second, request -> request.response().setStatusCode(500).end("ill"));
    mesh.proxy("gateway", "edge", "--labels", "app=edge", "--listen", "127.0.0.1:" + edge);
    browser = new Browser();
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
  }

  private void version(
      String account,
      String version,
      int inbound,
      Handler<HttpServerRequest> app,
      String... outbound)
      throws Exception {
    int port =
        vertx
            .createHttpServer()
            .requestHandler(app)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS)
            .actualPort();
    List<String> line = new ArrayList<>(List.of("--labels", "app=shop,version=" + version));
    line.addAll(List.of("--inbound", "127.0.0.1:" + inbound + "=127.0.0.1:" + port));
    for (String at : outbound) {
      line.addAll(List.of("--outbound", at));
    }
    mesh.proxy("sidecar", account, line.toArray(new String[0]));
  }

  @AfterAll
  void end() throws Exception {
    browser.close();
    mesh.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** Until both have their configuration, nobody is there to answer. */
  @BeforeEach
  void traffic() throws Exception {
    for (int port : new int[] {edge, inside}) {
      for (int i = 0; i < 200 && !ask(port).endsWith("ll"); i++) {
        LockSupport.parkNanos(50_000_000);
      }
    }
    for (int i = 0; i < EDGE; i++) {
      ask(edge);
    }
    for (int i = 0; i < INSIDE; i++) {
      ask(inside);
    }
  }

  @AfterEach
  void nothingWentWrong() {
    List<String> troubles = browser.troubles();
    browser.leave();
    assertThat(troubles).isEmpty();
  }

  private static String ask(int port) throws Exception {
    return RawHttp.exchange(
        port,
        "GET /find?q=%s HTTP/1.1\r\nhost: shop.test\r\nuser-agent: %s\r\nconnection: close\r\n\r\n"
            .formatted("%3Cb%3E", MARKUP));
  }

  private JsonObject json(String path) throws Exception {
    URI at = URI.create("http://127.0.0.1:" + mesh.admin + path);
    return new JsonObject(
        client.send(HttpRequest.newBuilder(at).build(), BodyHandlers.ofString()).body());
  }

  private Page open(String place) {
    return browser.open(mesh.admin, place, Browser.WIDE, ColorScheme.LIGHT);
  }

  private JsonObject rule() throws Exception {
    return json("/canary").getJsonArray("rules").stream()
        .map(JsonObject.class::cast)
        .filter(one -> one.getString("rule").equals("prod/shop#" + MARKUP))
        .findFirst()
        .orElseThrow();
  }

  private static long requests(JsonObject rule) {
    JsonArray shares = rule.getJsonArray("shares");
    return shares.stream().mapToLong(one -> ((JsonObject) one).getLong("requests")).sum();
  }

  @Test
  void theServiceThatFailsIsFoundItsWeightsAreShiftedAndTakenBack() throws Exception {
    Page page = open("");
    assertThat(page.locator(".findings li").first()).containsText("shop.test");
    browser.picture(page, "mesh-overview");
    page.locator(".findings li").first().getByRole(AriaRole.LINK).click();
    assertThat(page.locator("h1")).hasText("shop.test");
    browser.picture(page, "mesh-service");
    page.locator("h1").focus();
    page.keyboard().press("g");
    page.keyboard().press("w");
    assertThat(page.locator("h1")).hasText("Canary");
    Locator rule = page.locator(".canary").filter(new Locator.FilterOptions().setHasText(MARKUP));
    assertThat(rule.locator(".findings li").first())
        .containsText("v2 does worse: 0.0% of its requests succeed, 100% of the others");
    assertThat(row(page, "v2 shop.test")).containsText("20.0%weight 20");
    assertThat(row(page, "v2 shop.test")).containsText(Pattern.compile("[\\d.]+% to [\\d.]+%"));
    browser.picture(page, "mesh-canary");

    rule.getByLabel("Weight of v2").focus();
    page.keyboard().press("Home");
    rule.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Apply")).click();

    assertThat(rule.locator(".outcome")).containsText("written");
    assertThat(folder.resolve("mesh/rules.yaml")).hasContent(rules(100, 0));
    Locator changed = rule.locator("table.changed tbody tr");
    assertThat(changed.first()).containsText("[80, 20] to [100, 0], asked for from 127.0.0.1");
    assertThat(changed.first()).containsText("v2: 20 → 0");
    settled();
    rule.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Roll back to 80 / 20"))
        .click();
    assertThat(rule.getByLabel("Weight of v2")).hasValue("20");
    assertThat(folder.resolve("mesh/rules.yaml")).hasContent(rules(80, 20));
  }

  /** No request reaches the version that fails any more. */
  private void settled() throws Exception {
    int well = 0;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (well < 50 && System.nanoTime() < end) {
      well = ask(edge).endsWith("well") ? well + 1 : 0;
    }
    assertThat(well).isEqualTo(50);
  }

  @Test
  void aCertificateOfAServerThatEndsIsTold() {
    Page page = open("");
    Locator ending = page.locator(".findings li", hasText("The certificate of edge.test ends"));
    assertThat(ending).containsText("in 9 days");
    ending.getByRole(AriaRole.LINK).click();

    assertThat(page.locator("h1")).hasText("Certificates");
    assertThat(row(page, "edge.test")).containsText("▲ 9 days");
  }

  private static Page.LocatorOptions hasText(String text) {
    return new Page.LocatorOptions().setHasText(text);
  }

  @Test
  void noProxyIsMissedWhileTheyAreAskedFor() {
    Page page = open("");
    page.route(Pattern.compile("/proxies$"), held -> {});
    page.evaluate("location.hash = '#/proxies'");

    assertThat(page.locator(".empty")).hasText("Asking the control plane…");
    assertThat(page.getByText("No proxy listens.")).hasCount(0);
  }

  @Test
  void sharesAreThoseOfAllProxies() throws Exception {
    long before = told();

    for (int i = 0; i < 20; i++) {
      ask(edge);
    }
    for (int i = 0; i < 10; i++) {
      ask(inside);
    }

    assertThat(told()).isEqualTo(before + 30);
    assertThat(rule().getBoolean("writable")).isTrue();
    assertThat(rule().getJsonArray("shares").getJsonObject(1).getJsonArray("versions"))
        .containsExactly("v2");
  }

  /** How many all proxies tell of by now: an answer is kept for a second. */
  private long told() throws Exception {
    long before = -1;
    long now = requests(rule());
    while (now != before) {
      LockSupport.parkNanos(1_500_000_000);
      before = now;
      now = requests(rule());
    }
    return now;
  }

  @Test
  void aTraceIsReadThroughBothOfItsProxies() throws Exception {
    String trace = failing();
    Page page = open("#/traces");
    page.locator("table.traces a[href$='" + trace + "']").first().click();

    assertThat(page.locator("h1")).hasText("Trace");
    assertThat(page.getByText("2 requests of this trace came here")).isVisible();
    Locator hops = page.locator("table.hops tbody tr");
    assertThat(hops.nth(0)).containsText("prod/edge");
    assertThat(hops.nth(1)).containsText("prod/ill");
    assertThat(page.locator("table.waterfall").first()).containsText("Attempt 1");
    browser.picture(page, "mesh-trace");
  }

  /** The trace of a request that reached the version that fails. */
  private String failing() throws Exception {
    for (int i = 1; i <= 500; i++) {
      String trace = "%032x".formatted(i);
      String answer =
          RawHttp.exchange(
              edge,
              "GET /buy HTTP/1.1\r\nhost: shop.test\r\n"
                  + "traceparent: 00-%s-00f067aa0ba902b7-01\r\nconnection: close\r\n\r\n"
                      .formatted(trace));
      if (answer.startsWith("HTTP/1.1 500")) {
        return trace;
      }
      LockSupport.parkNanos(20_000_000); // its breaker may be open, for two seconds at most
    }
    throw new AssertionError("no request reached the version that fails");
  }

  @Test
  void whatEndsAnywhereIsTapped() throws Exception {
    Page page = open("#/tap?status=5xx");
    Locator rows = page.locator("table.tap tbody tr");
    for (String proxy : List.of("prod/edge", "prod/well")) {
      Locator told = rows.filter(new Locator.FilterOptions().setHasText("told by " + proxy));
      while (told.count() == 0) { // until it hears of a request that was drawn to fail
        ask(edge);
        ask(inside);
        page.waitForTimeout(100);
      }
      assertThat(told.first()).isVisible();
    }

    assertThat(rows.filter(new Locator.FilterOptions().setHasText(MARKUP)).first()).isVisible();
    assertThat(page.locator("main img").count()).isZero();
    browser.picture(page, "mesh-tap");
  }

  @Test
  void causesAreToldOfAllProxies() throws Exception {
    RawHttp.exchange(edge, "GET / HTTP/1.1\r\nhost: nobody.test\r\nconnection: close\r\n\r\n");

    String told = "";
    for (int i = 0; i < 20 && !told.contains("no_route"); i++) {
      LockSupport.parkNanos(500_000_000); // an answer is kept for a second
      told = json("/dashboard/api/failures").encode();
    }
    assertThat(told).contains("no_route");
  }

  @Test
  void theMeshIsForEverybody() throws Exception {
    List<String> places =
        List.of(
            "#/",
            "#/topology",
            "#/service/shop.test",
            "#/proxies",
            "#/routes",
            "#/canary",
            "#/traces",
            "#/tap",
            "#/config",
            "#/history",
            "#/certificates");
    List<String> complaints = browser.complaints(mesh.admin, places);
    for (String place : List.of("", "topology", "canary", "traces", "history", "proxies")) {
      Page narrow = browser.open(mesh.admin, "#/" + place, Browser.PHONE, ColorScheme.DARK);
      narrow.locator("main table, main ol").first().waitFor();
      browser.picture(narrow, "mesh-narrow-" + (place.isEmpty() ? "overview" : place));
      Page light = open("#/" + place);
      light.locator("main table, main ol").first().waitFor();
      browser.picture(light, "mesh-light-" + (place.isEmpty() ? "overview" : place));
      Page wide = browser.open(mesh.admin, "#/" + place, Browser.WIDE, ColorScheme.DARK);
      wide.locator("main table, main ol").first().waitFor();
      browser.picture(wide, "mesh-dark-" + (place.isEmpty() ? "overview" : place));
      browser.leave();
    }
    assertThat(complaints).isEmpty();
  }
}
