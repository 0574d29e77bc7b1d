package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.load.Calls;
import dev.weft.testkit.load.Figures;
import dev.weft.testkit.load.Load;
import dev.weft.testkit.load.LoadReport;
import dev.weft.testkit.load.LoadRun;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Edits that are wrong, and edits in the wrong order, while requests run. */
@Timeout(300)
final class BrokenEditsIT extends ProcessFixture {

  private static final String EXPECT = "---expect\n";
  private static final Pattern ERROR =
      Pattern.compile(
          "^a\\.yaml:(\\d+):(\\d+): (?:\\S+: )?error: (.*?)(?: \\[WF\\d+])?$", Pattern.MULTILINE);

  private int backend;

  /** A text that is refused, and where and why, as the golden cases say. */
  private record Broken(String name, String text, int line, int column, String why) {}

  @BeforeEach
  void served() throws Exception {
    backend = backend(request -> request.response().end("fine"));
    write("entry.yaml", entry("backend", "shop-backend.test"));
    write("shop.yaml", rule("shop.test", "shop-backend.test", "v1"));
    write("subsets.yaml", subsets("shop-backend.test", "v1"));
  }

  private String entry(String name, String host) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %s}
        spec:
          hosts: [%s]
          resolution: STATIC
          ports: [{number: 80, name: http}]
          endpoints:
          - {address: 127.0.0.1, ports: {http: %d}, labels: {tier: one, version: v1}}
          - {address: 127.0.0.1, ports: {http: %d}, labels: {tier: two, version: v1}}
        """
        .formatted(name, host, backend, backend);
  }

  private static String rule(String host, String destination, String subset) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s}
        spec: {hosts: [%s], http: [{route: [{destination: {host: %s, subset: %s}}]}]}
        """
        .formatted(host, host, destination, subset);
  }

  private static String subsets(String host, String... names) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: backend}
            spec:
              host: %s
              subsets:
            """
                .formatted(host));
    for (String name : names) {
      text.append("  - {name: %s, labels: {version: v1}}\n".formatted(name));
    }
    return text.toString();
  }

  private static List<Broken> cases() throws IOException {
    List<Broken> all = new ArrayList<>();
    for (Path file : GoldenCases.inFolders()) {
      String text = Files.readString(file);
      int expect = text.indexOf(EXPECT);
      Matcher error = ERROR.matcher(text.substring(expect + EXPECT.length()));
      if (error.find()) {
        all.add(
            new Broken(
                file.getFileName().toString(),
                text.substring(0, expect),
                Integer.parseInt(error.group(1)),
                Integer.parseInt(error.group(2)),
                error.group(3)));
      }
    }
    return all;
  }

  @Test
  void eachKindKeepsWhatServesIsCountedAndNamesPlaceAndReason() throws Exception {
    List<Broken> all = cases();
    try (LaunchedGateway gateway = LaunchedGateway.start(folder, config)) {
      gateway.process().says("ready");
      Duration most = Duration.ofMinutes(3);
      LoadRun run =
          LoadRun.start(
              vertx,
              Load.of(gateway.port, Figures.length(60, 350), most, Calls.get("shop.test", "/")));
      long refused = status(gateway).getLong("rejected");
      String version = status(gateway).getString("version");
      for (Broken one : all) {
        write("broken.yaml", one.text);

        JsonObject now = refusedOnceMore(gateway, refused, one);
        refused = now.getLong("rejected");
        assertThat(now.getString("version")).as(one.name).isEqualTo(version);
        assertThat(problems(now)).as(one.name).anySatisfy(problem -> told(problem, one));
      }
      LoadReport report = await(run.stop());

      assertThat(all).hasSizeGreaterThanOrEqualTo(40);
      assertThat(report.failures()).isEmpty();
      assertThat(report.good()).isGreaterThan(100);
      assertThat(gateway.admin("/metrics")).contains("weft_config_rejected_total " + refused);
      Figures.tell("broken edits: %d kinds refused; %s".formatted(all.size(), report));
    }
  }

  private static void told(JsonObject problem, Broken one) {
    assertThat(problem.getString("file")).endsWith("/broken.yaml");
    assertThat(problem.getString("severity")).isEqualTo("error");
    assertThat(problem.getInteger("line")).isEqualTo(one.line);
    assertThat(problem.getInteger("column")).isEqualTo(one.column);
    assertThat(problem.getString("message"))
        .isEqualTo(one.why.replace("a.yaml", problem.getString("file")));
  }

  private static List<JsonObject> problems(JsonObject status) {
    JsonArray all = status.getJsonArray("problems");
    return all.stream().map(JsonObject.class::cast).toList();
  }

  private JsonObject refusedOnceMore(LaunchedGateway gateway, long before, Broken one)
      throws Exception {
    for (int i = 0; i < 2000; i++) {
      JsonObject now = status(gateway);
      if (now.getLong("rejected") > before) {
        return now;
      }
      await(vertx.timer(5, TimeUnit.MILLISECONDS));
    }
    throw new AssertionError(one.name + " is not refused");
  }

  private static JsonObject status(LaunchedGateway gateway) throws Exception {
    return new JsonObject(gateway.admin("/config").substring("200 ".length()));
  }

  @Test
  void aRuleThatComesBeforeItsSubsetOrItsServiceFailsNobody() throws Exception {
    try (LaunchedGateway gateway = LaunchedGateway.start(folder, config)) {
      gateway.process().says("ready");
      Duration most = Duration.ofMinutes(2);
      LoadRun run =
          LoadRun.start(
              vertx,
              Load.of(gateway.port, Figures.length(60, 350), most, Calls.get("shop.test", "/")));
      Set<String> versions = new HashSet<>();
      for (int i = 0; i < 1000 && run.good() < 100; i++) { // all is warm: two seconds are the limit
        status(gateway);
        await(vertx.timer(10, TimeUnit.MILLISECONDS));
      }
      for (int i = 0; i < Figures.length(10, 300); i++) {
        String subset = i % 2 == 0 ? "next" : "v1";
        write("shop.yaml", rule("shop.test", "shop-backend.test", subset)); // not there yet
        versions.add(applied(gateway, versions));
        write("subsets.yaml", subsets("shop-backend.test", subset)); // and the other one goes
        versions.add(applied(gateway, versions));
      }
      write("shop.yaml", rule("shop.test", "later.test", "v1"));
      versions.add(applied(gateway, versions));
      write("later.yaml", entry("later", "later.test"));
      versions.add(applied(gateway, versions));
      long good = run.good();
      for (int i = 0; i < 1000 && run.good() < good + 100; i++) {
        await(vertx.timer(10, TimeUnit.MILLISECONDS));
      }
      LoadReport report = await(run.stop());

      Figures.tell("wrong order: %d versions; %s".formatted(versions.size(), report));
      assertThat(report.failures()).as(gateway.process().said()).isEmpty();
      assertThat(report.good()).isGreaterThanOrEqualTo(good + 100);
      String request = RawHttp.lines("GET / HTTP/1.1", "host: shop.test", "connection: close", "");
      assertThat(RawHttp.exchange(gateway.port, request)).startsWith("HTTP/1.1 200 ");
    }
  }

  private String applied(LaunchedGateway gateway, Set<String> before) throws Exception {
    for (int i = 0; i < 1000; i++) {
      String version = status(gateway).getString("version");
      if (!before.contains(version) && !version.equals("1")) {
        return version;
      }
      await(vertx.timer(5, TimeUnit.MILLISECONDS));
    }
    throw new AssertionError("not applied: " + status(gateway));
  }
}
