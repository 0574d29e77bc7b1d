package dev.weft.control.stream;

import static dev.weft.control.MeshServer.done;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.Accounts;
import dev.weft.control.ca.AccountSubject;
import dev.weft.control.issue.Callers;
import dev.weft.control.issue.JsonErrors;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.discovery.ServicesSource;
import dev.weft.kubernetes.trust.PodLabels;
import dev.weft.kubernetes.trust.TokenReviews;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.parsetools.RecordParser;
import io.vertx.ext.web.Router;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** What a proxy is told follows from its pod, as a real API server knows it. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class PodScopeIT extends StreamFixture {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static KubeApiServer kube;
  private static Vertx asking;
  private static KubernetesApi api;
  private static Accounts search;

  private HttpClient client;
  private ConfigStreams streams;
  private HttpServer server;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @BeforeAll
  static void up() {
    kube = KubeApiServer.start();
    asking = Vertx.vertx();
    api = KubernetesApi.connect(asking, kube.kubeconfig());
    search = new Accounts(kube, "prod", "search");
    search.pod("found");
    kube.kubectl("label", "-n", "prod", "pod", "found", "app=search");
  }

  @AfterAll
  static void down() throws Exception {
    if (kube != null) {
      api.close();
      done(asking.close());
      kube.close();
    }
  }

  @BeforeEach
  void serve() throws Exception {
    client =
        vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setUseAlpn(true));
    serve(new Viewers(vertx, Optional.of(new PodLabels(api)), PATIENCE));
  }

  private void serve(Viewers viewers) throws Exception {
    Router router = JsonErrors.router(vertx);
    streams =
        new ConfigStreams(vertx, new Callers(authority::roots, MESH, ticker), viewers, ticker);
    streams.mount(router);
    server = server(router);
    vertx.runOnContext(
        now -> streams.publish(config(policy("mine", "search"), policy("other", "basket"))));
  }

  @Test
  void aProxySeesWhatIsForTheLabelsOfItsPod() throws Exception {
    assertThat(told(listening(certified("found", uid("found")))))
        .containsExactly("AuthorizationPolicy/prod/mine");
  }

  @Test
  void whoseCertificateNamesNoPodSeesWhatIsOfItsNamespace() throws Exception {
    assertThat(told(listening(workload("prod", "search"))))
        .containsExactlyInAnyOrder(
            "AuthorizationPolicy/prod/mine", "AuthorizationPolicy/prod/other");
  }

  @Test
  void whosePodIsGoneIsToldNothing() throws Exception {
    search.pod("gone");
    WorkloadIdentity gone = certified("gone", uid("gone"));
    kube.kubectl("delete", "-n", "prod", "pod", "gone", "--now");
    WorkloadIdentity replaced = certified("found", "of-another");

    assertThat(listening(gone).statusCode()).isEqualTo(403);
    assertThat(listening(replaced).statusCode()).isEqualTo(403);
  }

  @Test
  void anEditOfLabelsIsSeenWithoutAnybodyTellingOfIt() throws Exception {
    search.pod("edited");
    kube.kubectl("label", "-n", "prod", "pod", "edited", "app=search");
    BlockingQueue<JsonObject> lines = lines(listening(certified("edited", uid("edited"))));
    assertThat(names(lines)).containsExactly("AuthorizationPolicy/prod/mine");

    kube.kubectl("label", "-n", "prod", "pod", "edited", "app=basket", "--overwrite");

    assertMoved(lines);
  }

  @Test
  void anEditOfLabelsIsSeenByWhatWatchesPods() throws Exception {
    search.pod("watched");
    kube.kubectl("label", "-n", "prod", "pod", "watched", "app=search");
    serve(new Viewers(vertx, Optional.empty(), PATIENCE)); // which asks nobody
    BlockingQueue<JsonObject> lines = lines(listening(certified("watched", uid("watched"))));
    assertThat(names(lines))
        .containsExactlyInAnyOrder(
            "AuthorizationPolicy/prod/mine", "AuthorizationPolicy/prod/other");
    ServicesSource source =
        new ServicesSource(api, new Pace(), "kubernetes:prod", changed -> {}, failed -> {});
    source.onPod(streams::seen);
    try (source) {
      source.start();
      assertThat(next(lines).getJsonArray("remove"))
          .containsExactly("AuthorizationPolicy/prod/other");

      kube.kubectl("label", "-n", "prod", "pod", "watched", "app=basket", "--overwrite");

      assertMoved(lines);
    }
  }

  private static void assertMoved(BlockingQueue<JsonObject> lines) throws Exception {
    JsonObject moved = next(lines);
    assertThat(moved.getJsonObject("set").fieldNames())
        .containsExactly("AuthorizationPolicy/prod/other");
    assertThat(moved.getJsonArray("remove")).containsExactly("AuthorizationPolicy/prod/mine");
  }

  private static String uid(String pod) {
    return kube.kubectl("get", "-n", "prod", "pod", pod, "-o", "jsonpath={.metadata.uid}");
  }

  private WorkloadIdentity certified(String pod, String uid) throws Exception {
    SpiffeId id = new SpiffeId(MESH, "prod", "search");
    SigningRequest fresh = SigningRequest.create();
    AccountSubject subject = new AccountSubject(Optional.of(new TokenReviews.Pod(pod, uid)));
    X509Certificate leaf = authority.issue(fresh.keys().getPublic(), id, Optional.of(subject));
    return new WorkloadIdentity(
        id, fresh.keys().getPrivate(), authority.chain(leaf), authority.roots());
  }

  private HttpClientResponse listening(WorkloadIdentity own) throws Exception {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost("127.0.0.1")
            .setPort(server.actualPort())
            .setURI("/v1/config")
            .setSsl(true)
            .setSslOptions(MeshTls.toControl(own, ticker));
    return done(
        client
            .request(options)
            .compose(request -> request.send())
            .onSuccess(HttpClientResponse::pause));
  }

  /** The names of what the first version has. */
  private static Set<String> told(HttpClientResponse response) throws Exception {
    return names(lines(response));
  }

  private static BlockingQueue<JsonObject> lines(HttpClientResponse response) {
    BlockingQueue<JsonObject> lines = new LinkedBlockingQueue<>();
    RecordParser parser = RecordParser.newDelimited("\n", response);
    parser.handler(
        line -> {
          if (line.length() > 2) {
            lines.add(new JsonObject(line));
          }
        });
    response.resume();
    return lines;
  }

  private static Set<String> names(BlockingQueue<JsonObject> lines) throws Exception {
    return next(lines).getJsonObject("set").fieldNames();
  }

  private static JsonObject next(BlockingQueue<JsonObject> lines) throws Exception {
    JsonObject next = lines.poll(20, SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  private static String policy(String name, String app) {
    return """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: prod}
        spec: {selector: {matchLabels: {app: %s}}}
        """
        .formatted(name, app);
  }
}
