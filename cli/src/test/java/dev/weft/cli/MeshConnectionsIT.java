package dev.weft.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.browser.Browser;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The pages of a control plane whose gateway divides connections that are not HTTP. */
@Timeout(240)
@EnabledIf(value = "possible", disabledReason = "needs chromium")
final class MeshConnectionsIT {

  private static final int SETTLING_SECONDS = 30; // an edit, on a busy machine
  private static final String DATABASE =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: db, namespace: prod}
      spec:
        selector: {app: edge}
        servers: [{port: {number: %d, name: tcp, protocol: TCP}, bind: 127.0.0.1, hosts: ['*']}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: db, namespace: prod}
      spec:
        hosts: [db.test]
        resolution: STATIC
        ports: [{number: 80, name: tcp, protocol: TCP}]
        endpoints:
        - {address: 127.0.0.1, ports: {tcp: %d}, labels: {version: v1}}
        - {address: 127.0.0.1, ports: {tcp: %d}, labels: {version: v2}}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: db, namespace: prod}
      spec:
        host: db.test
        subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: db, namespace: prod}
      spec:
        hosts: [db.test]
        gateways: [db]
        tcp:
        - route:
          - {destination: {host: db.test, subset: v1}, weight: 75}
          - {destination: {host: db.test, subset: v2}, weight: 25}
      """;

  private final Vertx vertx = Vertx.vertx();
  @TempDir private Path folder;
  private int database;
  private Browser browser;
  private LaunchedMesh mesh;

  static boolean possible() {
    return Browser.possible();
  }

  @BeforeEach
  void start() throws Exception {
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
    database = FreePorts.next();
    mesh = new LaunchedMesh(folder);
    mesh.configure("db.yaml", DATABASE.formatted(database, echo("one"), echo("two")));
    mesh.proxy("gateway", "edge", "--labels", "app=edge");
    browser = new Browser();
  }

  @AfterEach
  void end() throws Exception {
    List<String> troubles = browser.troubles();
    browser.close();
    mesh.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertThat(troubles).isEmpty();
  }

  /** Says its name to whoever connects. */
  private int echo(String name) throws Exception {
    return vertx
        .createNetServer()
        .connectHandler(socket -> socket.end(Buffer.buffer(name)))
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS)
        .actualPort();
  }

  private String connected() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), database)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // its port is not open yet
    }
  }

  @Test
  void weightsOfConnectionsAreShiftedForTheWholeMesh() throws Exception {
    for (int i = 0; i < 200 && connected().isEmpty(); i++) {
      LockSupport.parkNanos(50_000_000);
    }
    for (int i = 0; i < 40; i++) {
      assertThat(connected()).isIn("one", "two");
    }
    Page page = browser.open(mesh.admin, "#/canary", Browser.WIDE, ColorScheme.LIGHT);
    Locator rule =
        page.locator(".canary").filter(new Locator.FilterOptions().setHasText("prod/db#tcp[0]"));
    assertThat(rule.locator("table").first()).containsText("Connections");
    assertThat(rule.locator("table").first()).containsText("75.0%weight 75");
    assertThat(rule.locator("table tbody tr td:nth-child(4)").first())
        .hasText(Pattern.compile("[1-9]\\d*"));

    rule.getByLabel("Weight of v2").focus();
    page.keyboard().press("Home");
    rule.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Apply")).click();

    assertThat(rule.locator(".outcome")).containsText("written");
    assertThat(folder.resolve("mesh/db.yaml"))
        .content()
        .contains("subset: v1}, weight: 100}", "subset: v2}, weight: 0}");
    int ones = 0;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLING_SECONDS);
    while (ones < 50 && System.nanoTime() < end) {
      ones = connected().equals("one") ? ones + 1 : 0;
    }
    assertThat(ones).isEqualTo(50);
    browser.picture(page, "mesh-canary-connections");
    rule.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Roll back to 75 / 25"))
        .click();
    assertThat(rule.getByLabel("Weight of v2")).hasValue("25");
  }
}
