package dev.weft.control;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.GivenAuthority;
import dev.weft.control.ca.Signing;
import dev.weft.control.issue.Callers;
import dev.weft.control.issue.IssuanceRoutes;
import dev.weft.control.issue.JsonErrors;
import dev.weft.control.stream.ConfigStreams;
import dev.weft.control.stream.Viewers;
import dev.weft.kubernetes.trust.TrustBundle;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.discovery.ControlAddresses;
import dev.weft.routing.discovery.ControlStream;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.ControlPlaneIdentity;
import dev.weft.routing.identity.join.JoinFiles;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** The authority in a Secret, shared by control planes, and what pods are told of it. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class ClusterTrustIT extends TrustFixture {

  private static Accounts search;

  @BeforeAll
  static void join() {
    search = new Accounts(kube, "shop", "search");
    search.pod("search");
  }

  @Test
  void severalControlPlanesHaveOneRootAndOneLeader() throws Exception {
    kube.kubectl("create", "namespace", "race");
    Future<Trust> begun = opening("race");
    Trust second = done(opening("race"));
    Trust first = done(begun);
    eventually("one leads", () -> first.leads().getAsBoolean() != second.leads().getAsBoolean());
    Trust leader = first.leads().getAsBoolean() ? first : second;
    Trust other = leader == first ? second : first;

    assertThat(first.authority().root()).isEqualTo(second.authority().root());
    Trust third = done(opening("race"));
    assertThat(third.authority().root()).isEqualTo(first.authority().root());
    third.close();

    leader.close();
    eventually("the other leads", () -> other.leads().getAsBoolean());
    assertThat(leader.leads().getAsBoolean()).isFalse();
  }

  @Test
  void everyNamespaceIsToldOfTheRootsAndStaysTold() throws Exception {
    kube.kubectl("create", "namespace", "told");
    Trust trust = done(opening("told"));
    String roots = Pem.certificates(trust.authority().roots());

    eventually("old ones", () -> bundle("shop").equals(Optional.of(roots)));
    kube.kubectl("create", "namespace", "newcomer");
    eventually("new ones", () -> bundle("newcomer").equals(Optional.of(roots)));
    kube.kubectl("delete", "-n", "newcomer", "configmap", TrustBundle.NAME);
    eventually("deleted ones", () -> bundle("newcomer").equals(Optional.of(roots)));
    String other = "{\"data\":{\"" + TrustBundle.KEY + "\":\"rubbish\"}}";
    kube.kubectl("patch", "-n", "newcomer", "configmap", TrustBundle.NAME, "-p", other);
    eventually("changed ones", () -> bundle("newcomer").equals(Optional.of(roots)));
    kube.kubectl("create", "namespace", "kube-state-metrics"); // a user's, whatever its name
    eventually("others", () -> bundle("kube-state-metrics").equals(Optional.of(roots)));
    assertThat(bundle("kube-system")).isEmpty();
    assertThat(bundle("kube-public")).isEmpty();
    assertThat(bundle("kube-node-lease")).isEmpty();
  }

  @Test
  void aSecretThatIsGoneIsNotReplacedByANewRoot() throws Exception {
    kube.kubectl("create", "namespace", "gone");
    Trust before = done(opening("gone"));
    X509Certificate root = before.authority().root();
    eventually("told", () -> bundle("gone").isPresent());
    kube.kubectl("delete", "-n", "gone", "secret", "weft-ca");
    done(vertx.timer(6, TimeUnit.SECONDS)); // more than a look at the Secret
    Future<Trust> again = opening("gone");

    assertThatThrownBy(() -> done(again))
        .hasMessageContaining("Secret gone/weft-ca: is missing, but the ConfigMap weft-ca-root");
    assertThat(before.authority().root()).isEqualTo(root);
    kube.kubectl("create", "-n", "gone", "secret", "generic", "weft-ca");
    sign("gone", CertificateAuthority.found(ticker)); // as the one that runs refuses it
    Future<Trust> other = opening("gone");
    assertThatThrownBy(() -> done(other))
        .hasMessageContaining("Secret gone/weft-ca: holds none of the roots that the ConfigMap");
  }

  @Test
  void aRootIsReplacedWithoutAFailedRequest() throws Exception {
    kube.kubectl("create", "namespace", "rotate");
    Trust trust = done(opening("rotate"));
    X509Certificate before = trust.authority().root();
    eventually("told", () -> bundle("shop").equals(Optional.of(pem(before))));
    HttpServer control = serve(trust);
    Workload server = new Workload("server", control.actualPort());
    Workload client = new Workload("client", control.actualPort());
    FreshLoad load =
        new FreshLoad(vertx, () -> client.store.current().orElseThrow(), server.listen());
    eventually("requests", () -> load.answered() > 20);

    Signing next = CertificateAuthority.found(ticker);
    sign("rotate", next); // and the old root is gone: refused
    done(vertx.timer(6, TimeUnit.SECONDS)); // more than a look at the Secret
    assertThat(trust.authority().roots()).containsExactly(before);
    assertThat(trust.authority().signer()).isEqualTo(before);

    List<X509Certificate> both = List.of(before, next.root());
    roots("rotate", both);
    eventually("both", () -> server.trusts(both) && client.trusts(both));
    eventually(
        "the new signer",
        () -> server.root().equals(next.root()) && client.root().equals(next.root()));

    roots("rotate", next.roots());
    eventually("the new one", () -> server.trusts(next.roots()) && client.trusts(next.roots()));
    int then = load.answered();
    eventually("requests", () -> load.answered() > then + 20);

    load.end();
    assertThat(load.failures()).isEmpty();
    eventually("told", () -> bundle("shop").equals(Optional.of(pem(next.root()))));
    assertThat(done(joining("late", control.actualPort()).start()).roots()).isEqualTo(next.roots());
  }

  @Test
  void aNewRootSignsOnlyOncePodsHaveHadTimeToMountIt() throws Exception {
    kube.kubectl("create", "namespace", "patient");
    TurnedTicker time = new TurnedTicker();
    Trust trust = done(opening("patient", Duration.ofHours(1), time));
    X509Certificate before = trust.authority().root();
    eventually("told", () -> bundle("patient").equals(Optional.of(pem(before))));
    Signing next = CertificateAuthority.found(ticker);
    List<X509Certificate> both = List.of(before, next.root());

    sign("patient", new Signing(next.key(), next.chain(), both));
    eventually("both", () -> trust.authority().roots().equals(both));
    eventually("told of both", () -> bundle("patient").equals(Optional.of(Pem.certificates(both))));
    done(vertx.timer(6, TimeUnit.SECONDS)); // more than a look at the Secret
    assertThat(trust.authority().signer()).isEqualTo(before);

    boolean leads = time.turned(Duration.ofHours(2), trust.leads()); // nobody renews meanwhile
    assertThat(leads).as("not renewed since").isFalse();
    eventually("the new signer", () -> trust.authority().signer().equals(next.root()));
  }

  @Test
  void anIntermediateAuthorityOfTheUserSigns() throws Exception {
    kube.kubectl("create", "namespace", "given");
    GivenAuthority given = GivenAuthority.make(Instant.ofEpochMilli(ticker.epochMillis()));
    kube.kubectl("create", "-n", "given", "secret", "generic", "weft-ca");
    change(
        "given",
        new JsonObject()
            .put("tls.crt", pem(given.intermediate()))
            .put("tls.key", Pem.of("PRIVATE KEY", given.key().getEncoded()))
            .put("ca.crt", pem(given.root())));
    Trust trust = done(opening("given"));
    HttpServer control = serve(trust);
    eventually("told", () -> bundle("shop").equals(Optional.of(pem(given.root()))));

    WorkloadIdentity own = done(joining("joins", control.actualPort()).start());

    assertThat(own.id()).isEqualTo(new SpiffeId(MESH, "shop", "search"));
    assertThat(own.roots()).containsExactly(given.root());
    assertThat(own.chain()).hasSize(2).contains(given.intermediate());
    own.leaf().verify(given.intermediate().getPublicKey());
  }

  /** A control plane without configuration. */
  private HttpServer serve(Trust trust) throws Exception {
    Callers callers = new Callers(trust.authority()::roots, MESH, ticker);
    ConfigStreams streams =
        new ConfigStreams(vertx, callers, new Viewers(vertx, Optional.empty(), DAY), ticker);
    Router router = JsonErrors.router(vertx);
    new IssuanceRoutes(vertx, trust.authority(), trust.vouching(), callers).mount(router);
    streams.mount(router);
    trust.announceOn(streams);
    SpiffeId id = SpiffeId.control(MESH);
    HttpServer server = MeshServer.open(vertx, trust.authority().own(id), ticker, router);
    trust.onChange(
        () -> {
          try {
            server
                .updateSSLOptions(MeshTls.control(trust.authority().own(id), ticker))
                .onFailure(cause -> trust.close());
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    return server;
  }

  private ControlPlaneIdentity joining(String name, int control) throws Exception {
    return joining(name, control, new IdentityStore());
  }

  private ControlPlaneIdentity joining(String name, int control, IdentityStore store)
      throws Exception {
    Path token = Files.writeString(folder.resolve(name), search.token("weft", "search"));
    Path roots = folder.resolve(name + ".roots");
    Files.writeString(roots, bundle("shop").orElseThrow());
    ControlPlaneIdentity joining =
        new ControlPlaneIdentity(
            vertx,
            new ControlPlaneIdentity.Address("127.0.0.1", control, MESH),
            new JoinFiles(Optional.of(token), Optional.of(roots)),
            Optional.empty(),
            store,
            new ControlPlaneIdentity.Turns(ticker, new VertxTimers(vertx), bound -> 0));
    open.add(joining::close);
    return joining;
  }

  /** A proxy's identity and its stream from the control plane. */
  private final class Workload {

    private final IdentityStore store = new IdentityStore();

    Workload(String name, int control) throws Exception {
      done(joining(name, control, store).start());
      ControlStream stream =
          new ControlStream(
              vertx,
              ControlAddresses.of(vertx, "127.0.0.1", control),
              () -> store.current().map(own -> MeshTls.toControl(own, ticker)),
              store::told,
              new ControlStream.Own(
                  config -> Future.succeededFuture(), () -> true, () -> Standing.NONE));
      stream.start();
      open.add(stream);
    }

    HttpServer listen() throws Exception {
      HttpServer server =
          MeshServer.open(
              vertx,
              store.current().orElseThrow(),
              ticker,
              request -> request.response().end("hello"));
      store.onChange(
          next ->
              server
                  .updateSSLOptions(MeshTls.control(next, ticker))
                  .onFailure(cause -> server.close()));
      return server;
    }

    boolean trusts(List<X509Certificate> roots) {
      return store.current().orElseThrow().roots().equals(roots);
    }

    X509Certificate root() {
      WorkloadIdentity own = store.current().orElseThrow();
      return own.roots().stream().filter(one -> signed(own.leaf(), one)).findFirst().orElseThrow();
    }
  }

  private static boolean signed(X509Certificate leaf, X509Certificate root) {
    try {
      leaf.verify(root.getPublicKey());
      return true;
    } catch (Exception e) {
      return false;
    }
  }
}
