package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.identity.DirectoryIdentity;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.LogLines;
import dev.weft.testkit.Requests;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import dev.weft.testkit.load.Asked;
import dev.weft.testkit.load.Callers;
import dev.weft.testkit.load.Way;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemTrustOptions;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Certificates of both sides of a hop change while requests run over connections that are kept,
 * new, and shared: leaves, roots, and what is no good.
 */
@Timeout(120)
final class RotationUnderLoadIT extends HopsFixture {

  private static final int ROTATIONS = 20; // of each side
  private static final int AT_A_TIME = 2; // of each way: 12 in all
  private static final int BATCH = 12;
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final int ROUNDS = 1000;

  /** So that connections between the proxies are kept and new ones in turns. */
  private static final String SHORT = "connectionPool: {http: {maxRequestsPerConnection: 5}}";

  private static final List<Way> WAYS = List.of(Way.kept(), Way.fresh(), Way.http2());

  /** A machine with other work is slow now and then, and nothing is to be refused for that. */
  private static final String UNLIMITED =
      """
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default}
      spec: {overload: {mode: "off"}}
      """;

  private final List<Duration> took = new ArrayList<>();
  private final AtomicInteger good = new AtomicInteger();
  private final List<Callers> hops = new ArrayList<>();

  private void begin() throws Exception {
    open("HTTP", application(), SHORT, UNLIMITED);
    for (Way way : WAYS) {
      hops.add(new Callers(vertx, way, outbound, HOST));
    }
    under(hops, () -> {}); // what is cold is slow, not new
  }

  /** Callers that prove themselves, straight at the callee's sidecar, and those through both. */
  private List<Callers> callers(Leaf shown, TestCertificates trusted) {
    List<Callers> all = new ArrayList<>(hops);
    for (Way way : WAYS) {
      Way secured = way.over(roots(trusted));
      Way proving =
          new Way(secured.name(), secured.options().setKeyCertOptions(pem(shown)), secured.pool());
      all.add(new Callers(vertx, proving, inbound, HOST));
    }
    return all;
  }

  private interface Change {
    void happens() throws Exception;
  }

  /** Makes a change while all these callers send without pause; none of their requests may fail. */
  private void under(List<Callers> callers, Change change) throws Exception {
    AtomicBoolean changing = new AtomicBoolean(true);
    List<Future<Void>> underWay = callers.stream().map(one -> sending(one, changing::get)).toList();
    try {
      change.happens();
    } finally {
      changing.set(false);
    }
    for (Future<Void> one : underWay) {
      await(one);
    }
  }

  private Future<Void> sending(Callers callers, BooleanSupplier more) {
    return callers
        .send(Asked.get("/"), BATCH, AT_A_TIME)
        .compose(
            tally -> {
              good.addAndGet(tally.size());
              if (!tally.failed().isEmpty()) {
                return Future.failedFuture(tally.toString());
              }
              return more.getAsBoolean() ? sending(callers, more) : Future.succeededFuture();
            });
  }

  private void rotate(String side, Leaf leaf, String roots) throws Exception {
    Path files = folder.resolve(side);
    replace(files.resolve("ca.crt"), roots);
    replace(files.resolve("tls.key"), leaf.key());
    replace(files.resolve("tls.crt"), leaf.certificate());
  }

  private static X509Certificate certificate(Leaf leaf) throws Exception {
    return WorkloadIdentity.certificates(leaf.certificate(), "tls.crt").get(0);
  }

  /** Opens connections to the callee as a caller that shows {@code leaf}, and trusts both roots. */
  private HttpClientAgent prober(Leaf leaf) {
    HttpClientOptions options =
        showing(leaf)
            .setTrustOptions(
                new PemTrustOptions()
                    .addCertValue(Buffer.buffer(mesh.rootPem()))
                    .addCertValue(Buffer.buffer(foreign.rootPem())));
    if (OpenSSLEngineOptions.isAvailable()) {
      options.setSslEngineOptions(new OpenSSLEngineOptions());
    }
    return agent(options);
  }

  /** How long until a new connection to the callee is shown that certificate. */
  private void calleeShows(Leaf leaf, HttpClientAgent prober) throws Exception {
    BigInteger wanted = certificate(leaf).getSerialNumber();
    HttpConnectOptions callee =
        new HttpConnectOptions().setHost("127.0.0.1").setPort(inbound).setSsl(true);
    shows(
        wanted.toString(),
        () ->
            prober
                .connect(callee)
                .compose(
                    fresh -> {
                      String seen = serial(fresh);
                      return fresh.close().map(seen);
                    }));
  }

  private static String serial(HttpClientConnection connection) {
    try {
      return ((X509Certificate) connection.peerCertificates().get(0)).getSerialNumber().toString();
    } catch (SSLPeerUnverifiedException e) {
      return "no certificate";
    }
  }

  /** How long until the callee is shown that certificate by the caller's sidecar. */
  private void callerShows(Leaf leaf) throws Exception {
    byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(certificate(leaf).getEncoded());
    HttpClientConnection application = await(connected(plaintext(), outbound));
    shows("Hash=" + HexFormat.of().formatHex(sha256), () -> asked(application));
    await(application.close());
  }

  private void shows(String wanted, Supplier<Future<String>> look) throws Exception {
    long begun = System.nanoTime();
    long last = begun;
    String seen = "";
    for (int i = 0; i < ROUNDS && !seen.contains(wanted); i++) {
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
      last = System.nanoTime();
      seen = await(look.get());
    }
    assertThat(seen).contains(wanted);
    took.add(Duration.ofNanos(last - begun)); // when the first connection began that was shown it
  }

  private static Future<String> asked(HttpClientConnection application) {
    RequestOptions options =
        new RequestOptions().setMethod(HttpMethod.GET).setURI("/").putHeader("host", HOST);
    return application
        .request(options)
        .compose(Requests::sent)
        .compose(HttpClientResponse::body)
        .map(Buffer::toString);
  }

  /** Nine of ten, since a machine with other work holds up those who look, too. */
  private void soon() {
    List<Duration> late = took.stream().filter(one -> one.compareTo(SOON) > 0).toList();
    assertThat(late).as("of %s", took).hasSizeLessThanOrEqualTo(took.size() / 10);
  }

  @Test
  void fortyRotationsAreShownWithinASecondAndNoRequestFails() throws Exception {
    begin();
    List<Callers> callers = callers(mesh.good(CALLER), mesh);
    HttpClientAgent prober = prober(mesh.good(CALLER));
    for (int i = 0; i < ROTATIONS; i++) {
      Leaf callee = mesh.good(SEARCH);
      Leaf caller = mesh.good(CALLER);
      under(
          callers,
          () -> {
            rotate("search", callee, mesh.rootPem());
            calleeShows(callee, prober);
            rotate("caller", caller, mesh.rootPem());
            callerShows(caller);
          });
    }

    assertThat(good).hasValueGreaterThan(ROTATIONS * BATCH * callers.size());
    assertThat(took).hasSize(2 * ROTATIONS);
    soon();
  }

  @Test
  void rootsChangeOneAfterTheOtherAndNoRequestFails() throws Exception {
    begin();
    String both = mesh.rootPem() + foreign.rootPem();
    Leaf[] of = {mesh.good(SEARCH), mesh.good(CALLER), foreign.good(SEARCH), foreign.good(CALLER)};
    HttpClientAgent old = prober(mesh.good(CALLER));
    HttpClientAgent young = prober(foreign.good(CALLER));
    Leaf callee = foreign.good(SEARCH);
    Leaf caller = foreign.good(CALLER);

    under(
        callers(of[1], mesh),
        () -> {
          rotate("search", of[0], both);
          calleeShows(of[0], old);
          rotate("caller", of[1], both);
          callerShows(of[1]);
        });
    under(
        hops,
        () -> {
          rotate("search", of[2], both);
          calleeShows(of[2], old);
          rotate("caller", of[3], both);
          callerShows(of[3]);
        });
    under(
        callers(of[3], foreign),
        () -> {
          rotate("search", callee, foreign.rootPem());
          calleeShows(callee, young);
          rotate("caller", caller, foreign.rootPem());
          callerShows(caller);
        });

    assertThat(answer(showing(of[1]).setTrustOptions(roots(foreign)), inbound))
        .as("one of the old root")
        .isEqualTo("refused");
  }

  private static PemTrustOptions roots(TestCertificates authority) {
    return new PemTrustOptions().addCertValue(Buffer.buffer(authority.rootPem()));
  }

  @Test
  void whatIsNoGoodIsToldAndTheLastGoodServesOn() throws Exception {
    try (LogLines log = new LogLines(DirectoryIdentity.class)) {
      begin();
      HttpClientAgent prober = prober(mesh.good(CALLER));
      Leaf good = mesh.good(SEARCH);
      rotate("search", good, mesh.rootPem());
      calleeShows(good, prober);
      List<Callers> callers = callers(mesh.good(CALLER), mesh);
      Leaf next = mesh.good(SEARCH);
      Leaf ended = mesh.expired(SEARCH);

      under(
          callers,
          () -> {
            refused(log, "tls.key", foreign.good(SEARCH).key(), "the key is not that of the");
            refused(log, "tls.key", "", "tls.key holds no key");
            refused(log, "tls.crt", "", "tls.crt holds no certificate");
          });
      under(
          callers,
          () -> {
            replace(folder.resolve("search/tls.key"), half(next.key()));
            refused(log, "tls.crt", half(next.certificate()), "tls.crt is broken");
            refused(log, "tls.crt", good.certificate(), "tls.key holds no key");
            refused(log, "tls.key", next.key(), "the key is not that of the certificate");
          });
      under(
          callers,
          () -> {
            refused(log, "ca.crt", "", "ca.crt holds no certificate");
            refused(log, "ca.crt", good.certificate(), "which is no authority");
            replace(folder.resolve("search/tls.key"), ended.key());
            refused(log, "ca.crt", mesh.rootPem(), "the key is not that of the certificate");
            refused(log, "tls.crt", ended.certificate(), "tls.crt ended at ");
          });
      under(
          callers,
          () -> {
            calleeShows(good, prober);
            rotate("search", next, mesh.rootPem());
            calleeShows(next, prober);
          });
    }
  }

  private static String half(String text) {
    return text.substring(0, text.length() / 2);
  }

  /** Waits until the callee's sidecar has told of it, after what it told before. */
  private void refused(LogLines log, String file, String text, String told) throws Exception {
    int before = log.lines().size();
    replace(folder.resolve("search").resolve(file), text);
    String all = "";
    for (int i = 0; i < 500 && !all.contains(told); i++) {
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
      all = String.join("\n", log.lines().subList(before, log.lines().size()));
    }
    assertThat(all).contains(told).contains("the last good identity stays");
  }
}
