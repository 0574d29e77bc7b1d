package dev.weft.control;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.JoinTokens;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.process.Proxy;
import dev.weft.routing.process.ProxyOptions;
import dev.weft.routing.process.flags.Given;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.verticle.Listening;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * A control plane that reads ConfigMaps ends and starts again, while a proxy that is steered by it
 * serves: with the API server there, and without it. An edit with errors is told with its lines.
 */
@Timeout(300)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class ControlRestartIT {

  private static final String MESH = "cluster.local";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LOAD_MILLIS = 5; // between two requests

  @TempDir private Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClientAgent client = vertx.createHttpClient();
  private final NetClient toApi = vertx.createNetClient();
  private final Set<NetSocket> relayed = ConcurrentHashMap.newKeySet();
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicReference<String> seen = new AtomicReference<>("");
  private final ConcurrentHashMap<String, Integer> failures = new ConcurrentHashMap<>();
  private final List<Proxy> proxies = new ArrayList<>();
  private KubeApiServer kube;
  private NetServer relay;
  private int controlPort;
  private int port;
  private int admin;
  private Process control;
  private int starts;
  private volatile boolean over;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeEach
  void begin() throws Exception {
    kube = KubeApiServer.start();
    kube.kubectl("create", "namespace", "prod");
    apply("first");
    controlPort = FreePorts.next();
    port = FreePorts.next();
    admin = FreePorts.next();
    openRelay(0);
    startControl();
    proxies.add(proxy("gateway", port));
    answers(port, "first");
    load();
  }

  @AfterEach
  void end() throws Exception {
    over = true;
    try {
      for (Proxy proxy : proxies) {
        done(proxy.stop());
      }
      if (control != null) {
        ended(control);
      }
      done(vertx.close());
    } finally {
      kube.close();
    }
  }

  @Test
  void aRestartCostsNoRequestWhetherTheApiServerIsThereOrNot() throws Exception {
    ended(control);
    startControl();
    said("configuration published to");
    said("prod/sa/gateway listens");
    more(200);
    apply("second");
    answers(port, "second");
    assertThat(failures).isEmpty();

    // now without the API server
    ended(control);
    int api = relay.actualPort();
    done(relay.close());
    relayed.forEach(NetSocket::close);
    startControl();
    said("the last good configuration of configmap:prod/routes serves until it can be read");
    said("configuration published to");
    int late = FreePorts.next();
    proxies.add(proxy("late", late)); // who has kept nothing gets all
    answers(late, "second");
    more(200);
    assertThat(seen).hasValue("second");
    assertThat(failures).isEmpty();

    // and it comes back
    openRelay(api);
    apply("third");
    answers(port, "third");
    answers(late, "third");
    more(50);
    assertThat(failures).isEmpty();
    assertThat(sent.get()).isGreaterThan(450);
  }

  @Test
  void whatIsWrongWithAConfigMapIsShownBesideItsLine() throws Exception {
    apply("x}}}, {directResponse: {status: 99999, body: {string: y");

    eventually("a problem", () -> page("/config").map(text -> text.contains("99999")));
    JsonObject problem =
        new JsonObject(done(page("/config"))).getJsonArray("problems").getJsonObject(0);
    JsonObject shown =
        new JsonObject(done(page("/dashboard/api/lines")))
            .getJsonArray("excerpts")
            .getJsonObject(0);

    assertThat(problem.getString("file")).isEqualTo("configmap:prod/routes#shop.yaml");
    assertThat(shown.getString("file")).isEqualTo(problem.getString("file"));
    assertThat(shown.getInteger("line")).isEqualTo(problem.getInteger("line")).isEqualTo(4);
    assertThat(shown.getJsonArray("lines").getString(4 - shown.getInteger("first")))
        .contains("status: 99999");
    answers(port, "first");
  }

  private Future<String> page(String path) {
    return client
        .request(HttpMethod.GET, admin, "127.0.0.1", path)
        .compose(Requests::sent)
        .compose(HttpClientResponse::body)
        .map(Buffer::toString);
  }

  /** What stands between control plane and API server, so that it can be cut. */
  private void openRelay(int at) throws Exception {
    int api = Integer.parseInt(server().substring(server().lastIndexOf(':') + 1));
    relay =
        done(
            vertx
                .createNetServer()
                .connectHandler(
                    from -> {
                      from.pause();
                      relayed.add(from);
                      from.closeHandler(closed -> relayed.remove(from));
                      toApi
                          .connect(api, "127.0.0.1")
                          .onFailure(cause -> from.close())
                          .onSuccess(
                              to -> {
                                from.pipeTo(to);
                                to.pipeTo(from);
                              });
                    })
                .listen(at, "127.0.0.1"));
  }

  private String server() {
    return kube.kubectl(
        "config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}");
  }

  private void startControl() throws Exception {
    Path kubeconfig = folder.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        Files.readString(kube.kubeconfig())
            .replace(server(), "https://127.0.0.1:" + relay.actualPort()));
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "weft-control.jar").toAbsolutePath().toString(),
                "control",
                "--config",
                "configmap:prod/routes",
                "--listen",
                "127.0.0.1:" + controlPort,
                "--admin",
                "127.0.0.1:" + admin,
                "--ca-dir",
                folder.resolve("ca").toString()));
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    starts++;
    builder.redirectErrorStream(true).redirectOutput(log().toFile());
    control = builder.start();
    said("control plane of");
  }

  private Path log() {
    return folder.resolve("control-" + starts + ".log");
  }

  private static void ended(Process process) throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
  }

  private Proxy proxy(String name, int at) throws Exception {
    Path ca = folder.resolve("ca");
    SystemTicker ticker = new SystemTicker();
    String root =
        Pem.fingerprint(CertificateAuthority.open(ca, MESH, Duration.ofHours(24), ticker).root());
    Path token =
        Files.writeString(
            folder.resolve(name + ".token"),
            new JoinTokens(ca, ticker).create("prod/" + name, Duration.ofHours(1), root));
    String from = "control:127.0.0.1:" + controlPort;
    List<String> flags =
        List.of(
            "--config=" + from,
            "--identity=" + from,
            "--token-file=" + token,
            "--service-account=prod/" + name,
            "--admin=127.0.0.1:0",
            "--access-log=off",
            "--threads=1");
    Proxy proxy =
        new Proxy(
            new ProxyOptions(Given.of(ProxyOptions.FLAGS, flags, Map.of())),
            new Plan(Map.of(), true, false),
            (snapshot, self) ->
                List.of(
                    new Listening(
                        "--listen",
                        ListenerSettings.of("127.0.0.1", at, Role.EDGE, snapshot.settings()),
                        ServerTls.NONE,
                        self.store().service(Snapshot::mesh))));
    done(proxy.start());
    return proxy;
  }

  private void apply(String answer) throws IOException {
    String map =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: routes, namespace: prod}
        data:
          shop.yaml: |
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: shop}
            spec: {hosts: [shop.test], http: [{directResponse: {status: 200, body: {string: %s}}}]}
        """
            .formatted(answer);
    kube.kubectl("apply", "-f", Files.writeString(folder.resolve("map.yaml"), map).toString());
  }

  /** One request after the other, until it is over. */
  private void load() {
    if (over) {
      return;
    }
    text(port)
        .onComplete(
            answer -> {
              if (answer.failed()) {
                failures.merge(String.valueOf(answer.cause().getMessage()), 1, Integer::sum);
              } else {
                seen.set(answer.result());
              }
              sent.incrementAndGet();
              vertx.setTimer(LOAD_MILLIS, next -> load());
            });
  }

  private Future<String> text(int at) {
    return client
        .request(HttpMethod.GET, at, "127.0.0.1", "/")
        .compose(request -> Requests.sent(request.authority(HostAndPort.create("shop.test", -1))))
        .compose(
            response ->
                response.statusCode() == 200
                    ? response.body()
                    : Future.failedFuture("status " + response.statusCode()))
        .map(Buffer::toString)
        .timeout(10, TimeUnit.SECONDS);
  }

  private void more(int requests) throws Exception {
    int wanted = sent.get() + requests;
    eventually("requests", () -> Future.succeededFuture(sent.get() >= wanted));
  }

  private void answers(int at, String wanted) throws Exception {
    eventually(wanted, () -> text(at).map(wanted::equals).otherwise(false));
  }

  private void said(String sentence) throws Exception {
    Path log = log();
    eventually(
        sentence,
        () ->
            vertx
                .fileSystem()
                .readFile(log.toString())
                .map(text -> text.toString().contains(sentence)));
  }

  private interface Look {
    Future<Boolean> now();
  }

  private void eventually(String what, Look look) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean there = false;
    while (!there && System.nanoTime() < deadline) {
      there = done(look.now());
      done(vertx.timer(20, TimeUnit.MILLISECONDS));
    }
    assertThat(there).as(what + ": " + Files.readString(log())).isTrue();
  }
}
