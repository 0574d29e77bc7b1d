package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user gets for a mistake: one sentence and an exit code, and no stack trace. */
@Timeout(180)
final class CommandsIT {

  private static final String CANARY =
      "dir:" + Launched.HOME.resolve("config/examples/first-canary");

  @TempDir private Path folder;

  private Run weft(Map<String, String> variables, String... arguments) throws Exception {
    try (Launched launched = Launched.weft(folder, variables, arguments)) {
      Run run = launched.ended(60);
      assertThat(run.output()).doesNotContain("\tat ").doesNotContain("Exception");
      return run;
    }
  }

  private Run weft(String... arguments) throws Exception {
    return weft(Map.of(), arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "gateway",
        "sidecar",
        "intercept",
        "control",
        "token",
        "certify",
        "image",
        "check",
        "explain",
        "edges",
        "routes",
        "status",
        "tap",
        "top",
        "why"
      })
  void everyCommandTeachesItself(String command) throws Exception {
    Run run = weft(command, "--help");

    assertThat(run.code()).isZero();
    assertThat(run.output())
        .startsWith("Usage: weft " + command)
        .contains("./weft " + command) // an example to copy
        .contains("--help");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gateway ", "sidecar ", "control ", "certify ", "check ", "doctor "})
  void everyCommandTellsItsVersion(String command) throws Exception {
    Run run = weft((command + "--version").split(" "));

    assertThat(run.code()).isZero();
    assertThat(run.output()).startsWith("weft ").containsPattern("[0-9]\\.[0-9]");
  }

  @Test
  void aPortInUseIsOneSentenceThatNamesFlagAndPort() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String at = "127.0.0.1:" + taken.getLocalPort();

      Run admin = weft("gateway", "--config", CANARY, "--admin", at);
      Run listen = weft("gateway", "--config", CANARY, "--admin", "127.0.0.1:0", "--listen", at);
      Run sidecar = weft("sidecar", "--config", CANARY, "--admin", "127.0.0.1:0", "--outbound", at);
      Run control =
          weft(
              "control",
              "--config",
              CANARY,
              "--listen",
              at,
              "--ca-dir",
              folder.resolve("ca").toString());

      String told = " cannot listen on " + at + ": Address already in use";
      assertThat(admin.output()).contains("weft: --admin" + told);
      assertThat(listen.output()).contains("weft: --listen" + told);
      assertThat(sidecar.output()).contains("weft: --outbound " + at + told);
      assertThat(control.output()).contains("weft: --listen" + told);
      assertThat(admin.code()).isEqualTo(1);
      assertThat(listen.code()).isEqualTo(1);
      assertThat(sidecar.code()).isEqualTo(1);
      assertThat(control.code()).isEqualTo(1);
    }
  }

  @Test
  void aTokenThatWasUsedIsRefusedInOneSentence() throws Exception {
    String at = "127.0.0.1:" + FreePorts.next();
    String authority = folder.resolve("ca").toString();
    Path token = folder.resolve("token");
    Run made = weft("token", "--ca-dir", authority, "--service-account", "default/edge");
    Files.writeString(token, made.output().strip());
    String[] joining = {
      "gateway",
      "--config",
      CANARY,
      "--admin",
      "127.0.0.1:0",
      "--listen",
      "127.0.0.1:0",
      "--identity",
      "control:" + at,
      "--token-file",
      token.toString(),
      "--service-account",
      "default/edge",
      "--state-dir"
    };
    try (Launched control =
            Launched.weft(
                folder,
                Map.of(),
                "control",
                "--config",
                CANARY,
                "--listen",
                at,
                "--ca-dir",
                authority);
        Launched first =
            Launched.weft(folder, Map.of(), with(joining, folder.resolve("one").toString()))) {
      control.says("control plane of");
      first.says("ready");
      Run second = weft(with(joining, folder.resolve("two").toString()));

      assertThat(second.code()).isEqualTo(1);
      assertThat(second.output())
          .contains("weft: ")
          .contains("token")
          .doesNotContain(Files.readString(token));
    }
  }

  @Test
  void aTokenThatIsMissingOrNoneIsOneSentence() throws Exception {
    Path rubbish = Files.writeString(folder.resolve("rubbish"), "letmein");
    String[] flags = {"gateway", "--config", CANARY, "--admin", "127.0.0.1:0", "--identity"};

    Run missing = weft(with(flags, "control:127.0.0.1:1", "--token-file", "/no/token"));
    Run none = weft(with(flags, "control:127.0.0.1:1", "--token-file", rubbish.toString()));
    Run without = weft(with(flags, "control:127.0.0.1:1"));
    Run folder = weft(with(flags, "dir:/no/identity"));

    assertThat(missing.output()).contains("weft: --token-file /no/token cannot be read: there is");
    assertThat(none.output())
        .contains("weft: the token file holds no join token (./weft token makes one)")
        .doesNotContain("letmein");
    assertThat(without.output()).contains("needs --token-file (./weft token makes one)");
    assertThat(folder.output()).contains("weft: identity dir:/no/identity: there is no ");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(none.code()).isEqualTo(1);
    assertThat(without.code()).isEqualTo(1);
    assertThat(folder.code()).isEqualTo(1);
  }

  private static String[] with(String[] flags, String... more) {
    String[] all = java.util.Arrays.copyOf(flags, flags.length + more.length);
    System.arraycopy(more, 0, all, flags.length, more.length);
    return all;
  }

  @Test
  void whatCanNeverBeMeantIsAUsageError() throws Exception {
    Run flag = weft("gateway", "--config", CANARY, "--lissten", "8080");
    Run source = weft("gateway", "--config", "folder");
    Run stream = weft("gateway", "--config", "control:127.0.0.1:15012");
    Run open = weft("gateway", "--config", CANARY, "--admin", "0.0.0.0:15000");
    Run idle = weft("sidecar", "--config", CANARY);
    Run control = weft("control", "--config", "folder");

    assertThat(flag.output())
        .contains("'--lissten'; did you mean --listen?")
        .contains("./weft gateway --help");
    assertThat(source.output())
        .contains("--config folder (expected: dir:PATH or control:HOST:PORT)");
    assertThat(stream.output()).contains("needs --identity");
    assertThat(open.output()).contains("--admin 0.0.0.0:15000 (expected: a loopback address;");
    assertThat(idle.output()).contains("neither --inbound nor --outbound");
    assertThat(control.output()).contains("--config folder (expected: dir:PATH or configmap:");
    for (Run run : new Run[] {flag, source, stream, open, idle, control}) {
      assertThat(run.code()).as(run.output()).isEqualTo(2);
    }
  }

  @Test
  void flagsHaveVariablesButHelpAndVersionHaveNone() throws Exception {
    Run threads = weft(Map.of("WEFT_THREADS", "many"), "gateway", "--config", CANARY);
    Run version =
        weft(
            Map.of("WEFT_VERSION", "1.2.3", "WEFT_HELP", "yes", "WEFT_OUTPUT", "json"),
            "check",
            Launched.HOME.resolve("config/examples/first-canary").toString());

    assertThat(threads.code()).isEqualTo(2);
    assertThat(threads.output()).contains("--threads many (expected: 0 to 256)");
    assertThat(version.code()).isZero();
    assertThat(version.output()).startsWith("[");
  }

  @Test
  void aRunningProxyExplainsWhatItServesNow() throws Exception {
    int port = FreePorts.next();
    Map<String, String> admin = Map.of("WEFT_ADMIN", "127.0.0.1:" + port);

    Run nobody = weft(admin, "explain", "GET", "http://hello.test/");
    try (Launched gateway =
        Launched.weft(folder, admin, "gateway", "--config", CANARY, "--listen", "127.0.0.1:0")) {
      gateway.says("ready");
      Run told = weft(admin, "explain", "GET", "http://hello.test/a?b=c&d", "-H", "x-user: a b");
      Run none = weft(admin, "explain", "--output", "json", "GET", "http://nobody.test/");
      Run wrong = weft(admin, "explain", "GET", "nowhere");
      String at = Integer.toString(port);
      Run routes = weft("routes", "hello.test", "--admin", at);
      Run tap = weft("tap", "--admin", at, "--status", "9");
      Run status = weft("status", "--admin", at);
      Run from = weft(admin, "explain", "--from", "a/b", "GET", "http://hello.test/");

      assertThat(from.output())
          .contains("YES default/hello#0", "weft: --from counts for nothing: ")
          .contains("127.0.0.1:" + at + " is a proxy and explains its own");
      assertThat(from.code()).isZero();
      assertThat(told.output()).contains("YES default/hello#0").contains("95 %");
      assertThat(told.code()).isZero();
      assertThat(none.output()).startsWith("{").contains("\"route\" : \"-\"");
      assertThat(none.code()).isEqualTo(1);
      assertThat(wrong.output()).contains("'nowhere' (expected: a URL");
      assertThat(wrong.code()).isEqualTo(2);
      assertThat(routes.output()).contains("default/hello#0", "95 outbound|80|v1|hello-service");
      assertThat(routes.code()).isZero();
      assertThat(tap.output()).contains("status (expected: status as 503 or 5xx");
      assertThat(tap.code()).isEqualTo(2);
      assertThat(status.output()).contains("no such page");
      assertThat(status.code()).isEqualTo(1);
    }
    assertThat(nobody.output()).contains("weft: no proxy answers on 127.0.0.1:" + port);
    assertThat(nobody.code()).isEqualTo(1);
  }

  @Test
  void whatWasDecidedAboutARequestIsDecidedAgain() throws Exception {
    String at = Integer.toString(FreePorts.next());
    int port = FreePorts.next();
    Path log = folder.resolve("access.log");
    try (Launched gateway =
        Launched.weft(
            folder,
            Map.of("WEFT_ADMIN", "127.0.0.1:" + at),
            "gateway",
            "--config",
            CANARY,
            "--access-log",
            log.toString(),
            "--listen",
            "127.0.0.1:" + port)) {
      gateway.says("ready");
      RawHttp.exchange(port, "GET /find HTTP/1.1\r\nhost: hello.test\r\nconnection: close\r\n\r\n");
      String id = id(log);
      Run kept = weft("why", id, "--admin", at);
      Run logged = weft("why", id, "--log", log.toString(), "--admin", at, "--output", "json");
      Run nobody = weft("why", "nobody", "--admin", at);
      Run nothing = weft("why", "nobody", "--log", log.toString(), "--admin", at);

      assertThat(kept.output())
          .contains("GET http://hello.test/find", "YES default/hello#0", "95 %", "drawn: outbound|")
          .contains("the same is decided again");
      assertThat(kept.code()).isZero();
      assertThat(logged.output()).contains("\"same\" : true");
      assertThat(logged.code()).isZero();
      assertThat(nobody.output()).contains("weft: ", "no request nobody among the last");
      assertThat(nobody.code()).isEqualTo(1);
      assertThat(nothing.output()).contains("access.log has no line of JSON of request nobody");
      assertThat(nothing.code()).isEqualTo(1);
    }
  }

  /** Of the request whose line is written soon. */
  private static String id(Path log) throws Exception {
    for (int i = 0; i < 500; i++) {
      String text = Files.exists(log) ? Files.readString(log) : "";
      if (text.endsWith("\n")) {
        return text.replaceAll("(?s).*\"request_id\":\"([^\"]*)\".*", "$1");
      }
      LockSupport.parkNanos(20_000_000);
    }
    throw new AssertionError("no line in " + log);
  }

  @Test
  void whatServedBeforeIsListedComparedAndRolledBack() throws Exception {
    String at = Integer.toString(FreePorts.next());
    Path mesh = Files.createDirectory(folder.resolve("mesh"));
    Path file = mesh.resolve("canary.yaml");
    String first = Files.readString(Path.of(CANARY.substring(4), "hello.yaml"));
    String second =
        first.replace("weight: 95", "weight: 50").replace("weight: 5\n", "weight: 50\n");
    Files.writeString(file, first);
    Path edited = Files.writeString(folder.resolve("edited.yaml"), second);
    try (Launched gateway =
        Launched.weft(
            folder,
            Map.of("WEFT_ADMIN", "127.0.0.1:" + at),
            "gateway",
            "--config",
            "dir:" + mesh,
            "--listen",
            "127.0.0.1:0")) {
      gateway.says("ready");
      Run same = weft("config", "diff", file.toString(), "--admin", at);
      Run other = weft("config", "diff", edited.toString(), "--admin", at);
      Files.writeString(file, second);
      gateway.says("snapshot 2 serves");
      Run history = weft("config", "history", "--admin", at);
      Run back = weft("config", "rollback", "--admin", at);
      Run none = weft("config", "rollback", "77", "--admin", at);

      assertThat(same.output()).contains("nothing would change against version 1");
      assertThat(same.code()).isZero();
      assertThat(other.output())
          .contains(
              "~ VirtualService default/hello",
              "    spec.http[0].route[0].weight 95 → 50",
              "1 resource would change against version 1");
      assertThat(other.code()).isEqualTo(1);
      assertThat(history.output())
          .contains(
              "VirtualService default/hello: spec.http[0].route[0].weight 95 → 50 and 1 more");
      assertThat(back.output()).contains("version 3 serves, as version 1 did", ": written");
      assertThat(back.code()).isZero();
      assertThat(file).hasContent(first);
      assertThat(none.output()).contains("version 77 is not kept");
      assertThat(none.code()).isEqualTo(1);
    }
  }

  @Test
  void drainingLeavesTheProcessAndSigtermEndsItWithZero() throws Exception {
    int port = FreePorts.next();
    Map<String, String> admin = Map.of("WEFT_ADMIN", "127.0.0.1:" + port);
    try (Launched gateway =
        Launched.weft(folder, admin, "gateway", "--config", CANARY, "--listen", "127.0.0.1:0")) {
      gateway.says("ready");

      String before = ask(port, "GET", "/ready");
      String foreign = ask(port, "POST", "/drain");
      String drained = ask(port, "POST", "/drain", "x-weft-admin", "1");
      String after = ask(port, "GET", "/ready");
      gateway.terminate();
      Run run = gateway.ended(40);

      assertThat(before).startsWith("200 ");
      assertThat(foreign).startsWith("403 ");
      assertThat(drained).startsWith("202 ");
      assertThat(after).startsWith("503 ").contains("it is draining");
      assertThat(run.code()).isZero();
    }
  }

  private static String ask(int port, String method, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }
}
