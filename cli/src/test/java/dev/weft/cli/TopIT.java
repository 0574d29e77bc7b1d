package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.testkit.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code weft top} as its user sees it: on a terminal that the kernel gave, and without one. */
@Timeout(240)
final class TopIT {

  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: shop}
      spec:
        hosts: [localhost]
        http:
        - match: [{uri: {prefix: /bad}}]
          fault:
            delay: {percentage: {value: 100}, fixedDelay: 20ms}
            abort: {percentage: {value: 100}, httpStatus: 503}
          route: [{destination: {host: nowhere.test}}]
        - directResponse: {status: 204}
      """;
  private static final String LATENCIES = " +[0-9.]+ms +[0-9.]+ms +[0-9.]+ms";
  private static final String OTHER_SCREEN = "\u001b[?1049h\u001b[?25l";
  private static final String BACK = "\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String RED = "\u001b[31m";

  @TempDir private Path folder;

  private LaunchedGateway gateway;
  private Thread asking;

  @BeforeEach
  void served() throws Exception {
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.writeString(config.resolve("shop.yaml"), RULES);
    gateway = LaunchedGateway.start(folder, config);
    gateway.process().says("ready");
    asking = new Thread(this::ask, "asking");
    asking.start();
  }

  @AfterEach
  void ended() throws InterruptedException {
    asking.interrupt();
    asking.join();
    gateway.close();
  }

  /** Both routes in turn, as fast as they answer, the one in 20 ms, until it is interrupted. */
  private void ask() {
    HttpClient client = HttpClient.newHttpClient();
    try {
      for (int i = 0; ; i++) {
        URI page = URI.create("http://localhost:" + gateway.port + (i % 2 == 0 ? "/bad" : "/good"));
        HttpRequest request = HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(5)).build();
        client.send(request, BodyHandlers.discarding());
      }
    } catch (InterruptedException | IOException over) {
      // the gateway is gone, or is not needed any more
    }
  }

  /** What it tells where there is no terminal, of looks that are a second apart. */
  private String told(String... flags) throws Exception {
    List<String> line = new ArrayList<>(List.of("top", "--admin", gateway.adminAddress()));
    line.addAll(List.of("--every", "1s"));
    line.addAll(List.of(flags));
    try (Launched top = Launched.weft(folder, Map.of(), line.toArray(String[]::new))) {
      Launched.Run run = top.ended(60);
      assertThat(run.code()).as(run.output()).isZero();
      return run.output();
    }
  }

  @Test
  void routesAreShownWithTheirLatenciesOnceWhereThereIsNoTerminal() throws Exception {
    assertThat(told("--once"))
        .containsPattern("ROUTE +REQ/S +SUCCESS +P50 +P90 +P99")
        .containsPattern("default/shop#0 +[0-9.]+ +0.00%" + LATENCIES)
        .containsPattern("default/shop#1 +[0-9.]+ +100.00%" + LATENCIES)
        .doesNotContain("\u001b");
  }

  @Test
  void machinesGetALineOfJsonForEachLook() throws Exception {
    List<JsonObject> looks =
        told("--count", "2", "--output", "json").lines().map(JsonObject::new).toList();

    assertThat(looks).hasSize(2);
    JsonObject worst = looks.get(1).getJsonArray("routes").getJsonObject(0);
    assertThat(worst.getString("route")).isEqualTo("default/shop#0");
    assertThat(worst.getDouble("success_percent")).isZero();
    assertThat(worst.getDouble("requests_per_second")).isPositive();
    assertThat(Instant.parse(looks.get(1).getString("time"))).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"top --every 200ms", "tap", "top --every 200ms --output json"})
  void aReaderThatHasEnoughEndsIt(String command) throws Exception {
    String line = "%s %s --admin %s | head -n 1";
    Process piped =
        new ProcessBuilder(
                "sh",
                "-c",
                "WEFT_BUILD=never "
                    + line.formatted(
                        Launched.HOME.resolve("weft"), command, gateway.adminAddress()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(folder.resolve("piped").toFile())
            .start();
    try {
      assertThat(piped.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
      assertThat(Files.readAllLines(folder.resolve("piped"))).hasSize(1);
    } finally {
      piped.descendants().forEach(ProcessHandle::destroyForcibly);
      piped.destroyForcibly();
    }
  }

  @Test
  void aTerminalIsPaintedInPlaceFollowsItsSizeAndIsLeftAsItWasByKey() throws Exception {
    assumeTrue(Tools.installed("script", "stty"));
    try (Terminal terminal = new Terminal("")) {
      terminal.shows("default/shop#1 +[0-9.]+ +100.00%");
      assertThat(terminal.said()).contains(OTHER_SCREEN, RED);
      assertThat(terminal.widest()).isGreaterThan(40).isLessThanOrEqualTo(100);

      terminal.resize(12, 40);
      terminal.paintsTwice();
      assertThat(terminal.widest()).isLessThanOrEqualTo(40);
      assertThat(terminal.lowest()).isLessThanOrEqualTo(12);

      terminal.type("q");
      terminal.leavesItClean();
    }
  }

  @Test
  void ctrlCAndAKillLeaveItCleanAndColoursMayBeUnwanted() throws Exception {
    assumeTrue(Tools.installed("script", "stty"));
    try (Terminal terminal = new Terminal("NO_COLOR=1")) {
      terminal.shows("default/shop#0");
      terminal.type("\u0003");
      terminal.leavesItClean();
      assertThat(terminal.said()).doesNotContain(RED, "\u001b[1m");
    }
    try (Terminal terminal = new Terminal("")) {
      terminal.shows("default/shop#0");
      terminal.kill();
      terminal.leavesItClean();
    }
  }

  /** One of 24 rows and 100 columns, with the command in it. */
  private final class Terminal implements AutoCloseable {

    private final Process script;
    private final Path output = Files.createTempFile(folder, "terminal", ".txt");
    private final Path device = Files.createTempFile(folder, "device", ".txt");
    private final Path before = Files.createTempFile(folder, "before", ".txt");
    private final Path after = Files.createTempFile(folder, "after", ".txt");

    Terminal(String variables) throws IOException {
      String command =
          String.join(
              "; ",
              "stty rows 24 cols 100",
              "stty -g >" + before,
              "tty >" + device,
              variables
                  + " TERM=xterm-256color WEFT_BUILD=never "
                  + Launched.HOME.resolve("weft")
                  + " top --every 300ms --admin "
                  + gateway.adminAddress(),
              "stty -g >" + after,
              "echo over");
      script =
          new ProcessBuilder("script", "-qfec", command, "/dev/null")
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
    }

    String said() throws IOException {
      return Files.readString(output);
    }

    void shows(String pattern) throws Exception {
      shows(pattern, 0);
    }

    /** Waits until it is there, a minute at most. */
    void shows(String pattern, int from) throws Exception {
      for (int i = 0; i < 600; i++) {
        if (Pattern.compile(pattern).matcher(said().substring(from)).find()) {
          return;
        }
        script.waitFor(100, TimeUnit.MILLISECONDS);
      }
      assertThat(said().substring(from)).containsPattern(pattern);
    }

    /** Waits until it was painted as a whole twice from now on: the second knows all of now. */
    void paintsTwice() throws Exception {
      String frame = Pattern.quote(HOME) + ".*ROUTE.*";
      shows("(?s)" + frame + frame + Pattern.quote(HOME), said().length());
    }

    /** Of the last whole frame. */
    private List<String> rows() throws IOException {
      String all = said();
      int end = all.lastIndexOf(HOME); // one is under way behind it
      String whole = all.substring(all.lastIndexOf(HOME, end - 1), end);
      String text = whole.replaceAll("\u001b\\[[0-9?]*[A-Za-z]", "");
      return text.replace("\r", "").lines().toList(); // the kernel adds one before each new line
    }

    int widest() throws IOException {
      return rows().stream().mapToInt(String::length).max().orElse(0);
    }

    int lowest() throws IOException {
      return rows().size();
    }

    void resize(int rows, int columns) throws Exception {
      new ProcessBuilder(
              "stty",
              "-F",
              Files.readString(device).strip(),
              "rows",
              String.valueOf(rows),
              "cols",
              String.valueOf(columns))
          .start()
          .waitFor();
    }

    void type(String keys) throws IOException {
      script.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
      script.getOutputStream().flush();
    }

    /** As an operator ends it: SIGTERM, to the JVM alone. */
    void kill() {
      script
          .descendants()
          .filter(one -> one.info().command().orElse("").endsWith("/java"))
          .forEach(ProcessHandle::destroy);
    }

    void leavesItClean() throws Exception {
      shows("over");
      assertThat(script.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(said().substring(said().lastIndexOf(HOME))).contains(BACK);
      assertThat(Files.readString(after)).isEqualTo(Files.readString(before));
    }

    @Override
    public void close() {
      script.descendants().forEach(ProcessHandle::destroyForcibly);
      script.destroyForcibly();
    }
  }
}
