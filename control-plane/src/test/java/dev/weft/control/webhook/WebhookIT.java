package dev.weft.control.webhook;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.Trial;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.inject.InjectSettings;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.WebhookBundle;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.process.HostPort;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Against a real API server, which reaches the webhook by its Service. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class WebhookIT {

  private static final int MOST_TRIES = 1000;
  private static final HostPort FREE = new HostPort("127.0.0.1", 0);
  private static final String SEARCH =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: search
        namespace: %s
        labels: {app: search, %s}
        annotations: {%s}
      spec:
        serviceAccountName: search
        containers:
        - name: app
          image: a
          readinessProbe: {httpGet: {port: 8080, path: /ready}}
      """;

  @TempDir private static Path folder;

  private static KubeApiServer kube;
  private static Vertx vertx;
  private static CertificateAuthority authority;
  private static KubernetesApi api;
  private static Webhook webhook;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeAll
  static void up() throws Exception {
    kube = KubeApiServer.start();
    vertx = Vertx.vertx();
    authority =
        CertificateAuthority.open(
            folder.resolve("ca"), "cluster.local", Duration.ofHours(24), new SystemTicker());
    api = KubernetesApi.connect(vertx, kube.kubeconfig());
    webhook = opened(vertx);
    kube.kubectl("create", "namespace", "weft-system");
    // no kube-proxy here: the API server reaches a Service of this type by its external name
    kube.kubectl(
        "create",
        "-n",
        "weft-system",
        "service",
        "externalname",
        "weft-control",
        "--external-name=localhost");
    configure(webhook.port());
    done(webhook.trusted(api, () -> true));
    meshed("first");
  }

  @AfterAll
  static void down() throws Exception {
    if (kube != null) {
      api.close();
      done(vertx.close());
      kube.close();
    }
  }

  @Test
  void aPodOfALabelledNamespaceIsReadBackWithASidecar() throws Exception {
    meshed("shop");
    create("shop", "a: b", "");

    JsonObject pod = pod("shop");

    assertThat(pod.getJsonObject("metadata").getJsonObject("labels").getString("weft.dev/injected"))
        .isEqualTo("true");
    assertThat(pod.getJsonObject("spec").getJsonArray("initContainers").encode())
        .contains("\"name\":\"weft-proxy\"", "\"restartPolicy\":\"Always\"")
        .containsOnlyOnce("\"name\":\"weft-init\"");
    assertThat(pod.getJsonObject("spec").getJsonArray("containers").encode())
        .contains("/app-health/app/readyz");
  }

  private static Webhook opened(Vertx vertx) throws Exception {
    return opened(vertx, authority);
  }

  private static Webhook opened(Vertx vertx, CertificateAuthority authority) throws Exception {
    InjectSettings inject =
        new InjectSettings("weft:1", "weft-control.weft-system.svc:15012", "cluster.local", true);
    Webhook opened =
        Webhook.of(vertx, authority, new WebhookSettings(FREE, inject), api, () -> Trial.NONE);
    done(opened.listen());
    return opened;
  }

  @Test
  void whatWantsNoneIsLeftAndWhatWantsOneGetsItAnywhere() throws Exception {
    namespace("istio");
    kube.kubectl("label", "namespace", "istio", "istio-injection=enabled");
    create("istio", "sidecar.istio.io/inject: \"false\"", "");
    namespace("plain");
    create("plain", "sidecar.istio.io/inject: \"true\"", "");
    namespace("none");
    create("none", "a: b", "");

    assertThat(pod("istio").encode()).doesNotContain("weft-proxy");
    assertThat(pod("plain").encode()).contains("weft-proxy");
    assertThat(pod("none").encode()).doesNotContain("weft-proxy");
  }

  @Test
  void aBadAnnotationIsRefusedInWords() throws Exception {
    meshed("bad");

    assertThatThrownBy(() -> create("bad", "a: b", "weft.dev/exclude-inbound-ports: \"80a\""))
        .hasMessageContaining(
            "annotation weft.dev/exclude-inbound-ports: '80a' (expected: ports, 1 to 65535, with"
                + " commas between); for example 15020,8000-8010");
  }

  @Test
  void aForeignAuthorityIsReplacedByOurs() throws Exception {
    CertificateAuthority foreign =
        CertificateAuthority.open(
            folder.resolve("foreign"), "cluster.local", Duration.ofHours(1), new SystemTicker());
    WebhookBundle.Outcome written =
        WebhookBundle.mutating(api, Webhook.INJECTOR)
            .keep(Pem.certificates(List.of(foreign.root())));

    assertThat(written.sentence()).isEqualTo("caBundle of weft-injector is ours now");
    until(() -> bundles().stream().allMatch(ours()::equals)); // a check is every ten seconds
    until(() -> injects("first"));
  }

  @Test
  void aRenewedCertificateIsShownToTheNextCaller() throws Exception {
    X509Certificate before = shown();

    done(webhook.renew());

    X509Certificate after = shown();
    assertThat(after.getSerialNumber()).isNotEqualTo(before.getSerialNumber());
    assertThat(after.getSubjectAlternativeNames())
        .containsExactly(List.of(2, "weft-control.weft-system.svc"));
    after.verify(authority.root().getPublicKey());
    assertThat(injects("first")).isTrue();
  }

  @Test
  void aRootThatTheApiServerDoesNotTrustYetIsNotShown() throws Exception {
    CertificateAuthority own =
        CertificateAuthority.open(
            folder.resolve("own"), "cluster.local", Duration.ofHours(1), new SystemTicker());
    Vertx another = Vertx.vertx();
    try {
      Webhook follower = opened(another, own);
      done(follower.trusted(api, () -> false)); // another one leads, and writes
      X509Certificate before = own.root();
      assertThat(bundles()).allMatch(ours()::equals);

      own.replace(CertificateAuthority.found(new SystemTicker()));

      assertThatThrownBy(() -> done(follower.renew()))
          .hasMessageContaining("caBundle of weft-injector does not hold the new root yet");
      shown(follower, before);
      String both = Pem.certificates(List.of(before, own.root()));
      until(() -> renewed(follower, both)); // the other webhook of this test writes its own
      shown(follower, own.root());
    } finally {
      done(another.close());
      done(webhook.trusted(api, () -> true));
      until(() -> injects("first"));
    }
  }

  private static boolean renewed(Webhook follower, String trusted) throws Exception {
    WebhookBundle.mutating(api, Webhook.INJECTOR).keep(trusted);
    try {
      done(follower.renew());
      return true;
    } catch (ExecutionException notYet) {
      return false;
    }
  }

  @Test
  void aDeadWebhookStopsOnlyPodsThatWantASidecar() throws Exception {
    meshed("dead");
    account("kube-system");
    account("weft-system");
    for (String one : List.of("kube-system", "weft-system")) {
      kube.kubectl("label", "namespace", one, "weft.dev/inject=enabled");
    }
    Vertx another = Vertx.vertx();
    try {
      Webhook dying = opened(another);
      configure(dying.port());
      done(dying.trusted(api, () -> true));
      done(another.close());

      until(() -> !takes("dead"));
      create("kube-system", "weft.dev/inject: enabled", "");
      create("weft-system", "weft.dev/inject: enabled", "");

      assertThat(pod("kube-system").encode()).doesNotContain("weft-proxy");
      assertThat(pod("weft-system").encode()).doesNotContain("weft-proxy");
    } finally {
      configure(webhook.port());
      done(webhook.trusted(api, () -> true));
      until(() -> injects("first"));
    }
  }

  private static List<String> bundles() {
    String printed =
        kube.kubectl(
            "get",
            "mutatingwebhookconfiguration",
            Webhook.INJECTOR,
            "-o",
            "jsonpath={range .webhooks[*]}{.clientConfig.caBundle}{\"\\n\"}{end}");
    return printed.lines().toList();
  }

  private static String ours() {
    String pem = Pem.certificates(List.of(authority.root()));
    return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8));
  }

  /** What the webhook shows to a caller that trusts our authority. */
  private static X509Certificate shown() throws Exception {
    return shown(webhook, authority.root());
  }

  private static X509Certificate shown(Webhook webhook, X509Certificate root) throws Exception {
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    roots.setCertificateEntry("root", root);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(roots);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", webhook.port())) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  /** A namespace whose pods get sidecars by now. */
  private static void meshed(String name) throws Exception {
    namespace(name);
    kube.kubectl("label", "namespace", name, "weft.dev/inject=enabled");
    until(() -> injects(name));
  }

  private static void namespace(String name) {
    kube.kubectl("create", "namespace", name);
    account(name);
  }

  private static void account(String namespace) {
    kube.kubectl("create", "-n", namespace, "serviceaccount", "search");
  }

  /** What was written counts a moment later; each try is a call of kubectl. */
  private static void until(Callable<Boolean> seen) throws Exception {
    for (int i = 0; i < MOST_TRIES; i++) {
      if (seen.call()) {
        return;
      }
    }
    throw new AssertionError("not seen in " + MOST_TRIES + " tries");
  }

  private static boolean injects(String namespace) throws Exception {
    try {
      return create(namespace, "a: b", "", "--dry-run=server", "-o", "yaml").contains("weft-proxy");
    } catch (IllegalStateException refused) {
      return false;
    }
  }

  private static boolean takes(String namespace) throws Exception {
    try {
      create(namespace, "a: b", "", "--dry-run=server");
      return true;
    } catch (IllegalStateException refused) {
      return false;
    }
  }

  private static void configure(int port) throws Exception {
    String wanted =
        Files.readString(Path.of("../config/kubernetes/injector.yaml"))
            .replace("port: 15017", "port: " + port);
    kube.kubectl(
        "apply", "-f", Files.writeString(folder.resolve("injector.yaml"), wanted).toString());
  }

  private static String create(String namespace, String label, String annotation, String... flags)
      throws Exception {
    Path file = folder.resolve(namespace + ".yaml");
    Files.writeString(file, SEARCH.formatted(namespace, label, annotation));
    List<String> command = new ArrayList<>(List.of("create", "-f", file.toString()));
    command.addAll(List.of(flags));
    return kube.kubectl(command.toArray(new String[0]));
  }

  private static JsonObject pod(String namespace) {
    return new JsonObject(kube.kubectl("get", "-n", namespace, "pod", "search", "-o", "json"));
  }
}
