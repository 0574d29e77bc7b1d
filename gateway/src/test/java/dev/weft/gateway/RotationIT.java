package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates of a gateway's listeners change while requests run. */
final class RotationIT extends WaysFixture {

  private Leaf first;
  private boolean files;

  @Test
  void aNewCertificateIsShownWithoutDroppingAConnection() throws Exception {
    int backend = backend(request -> request.response().end("here"));
    String routes =
        rules("{route: [{destination: {host: backend.test}}]}")
            .replace("hosts: [shop.test]", "hosts: [shop.test], gateways: [edge]");
    gatewayOfServers(
        routes, entry(backend), edge(), secret(authority.good("spiffe://mesh.test/ns/a/sa/first")));
    HttpClientConnection http1 = secured(HttpVersion.HTTP_1_1);
    HttpClientConnection http2 = secured(HttpVersion.HTTP_2);
    AtomicBoolean dropped = new AtomicBoolean();
    http1.closeHandler(closed -> dropped.set(true));
    http2.closeHandler(closed -> dropped.set(true));
    assertThat(name(http1)).endsWith("/sa/first");

    write("entry3.yaml", secret(authority.good("spiffe://mesh.test/ns/a/sa/second")));
    boolean shown =
        eventually(
            () -> {
              assertThat(text(http1)).isEqualTo("here");
              assertThat(text(http2)).isEqualTo("here");
              return shows(HttpVersion.HTTP_2, "second");
            });

    assertThat(shown).isTrue();
    assertThat(text(http1)).isEqualTo("here");
    assertThat(text(http2)).isEqualTo("here");
    assertThat(dropped).isFalse();
  }

  /** Whether a new connection is shown that account's certificate; all are served. */
  private boolean shows(HttpVersion version, String account) throws Exception {
    HttpClientConnection fresh = secured(version);
    String shown = name(fresh);
    assertThat(text(fresh)).isEqualTo("here");
    await(fresh.close());
    return shown.endsWith("/sa/" + account);
  }

  private static final int ROTATIONS = 5;

  private Leaf named(String account) {
    return authority.good("spiffe://mesh.test/ns/a/sa/" + account);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "credentialName: shop",
        "serverCertificate: FILES/tls.crt, privateKey: FILES/tls.key"
      })
  void fiveCertificatesAreEachShownWithinASecond(String from) throws Exception {
    begin(from);
    HttpClientConnection kept = secured(HttpVersion.HTTP_2);
    List<Duration> took = new ArrayList<>();
    for (int i = 0; i < ROTATIONS; i++) {
      String account = "next" + i;
      give(named(account));
      long begun = System.nanoTime();
      boolean shown =
          eventually(
              () -> {
                assertThat(text(kept)).isEqualTo("here");
                return shows(HttpVersion.HTTP_1_1, account);
              });
      assertThat(shown).as(account).isTrue();
      took.add(Duration.ofNanos(System.nanoTime() - begun));
    }

    assertThat(took.stream().filter(one -> one.toMillis() > 1000))
        .as("of %s; one may be held up by other work", took)
        .hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void aCertificateThatWasReplacedWhileNobodyCalledIsShownToTheFirstWhoDoes() throws Exception {
    begin("serverCertificate: FILES/tls.crt, privateKey: FILES/tls.key");
    assertThat(name(secured(HttpVersion.HTTP_2))).endsWith("/sa/first");

    give(named("second"));
    await(vertx.timer(1, TimeUnit.SECONDS));

    assertThat(name(secured(HttpVersion.HTTP_2))).endsWith("/sa/second");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "credentialName: shop",
        "serverCertificate: FILES/tls.crt, privateKey: FILES/tls.key"
      })
  void whatIsNoGoodIsToldAndTheLastGoodIsShown(String from) throws Exception {
    admin = FreePorts.next();
    begin(from);
    HttpClientConnection kept = secured(HttpVersion.HTTP_2);
    Leaf next = named("next");
    String certificate = next.certificate();
    Leaf ended = authority.expired("spiffe://mesh.test/ns/a/sa/ended");

    told(new Leaf(certificate, first.key(), ""), "its key is not that of its certificate");
    told(new Leaf("", next.key(), ""), "its certificate holds no certificate");
    told(new Leaf(certificate.substring(0, 300), next.key(), ""), "its certificate is broken");
    told(new Leaf(certificate, "", ""), "its key holds no key");
    told(ended, "its new certificate ended at ");

    assertThat(name(secured(HttpVersion.HTTP_1_1))).endsWith("/sa/first");
    assertThat(text(kept)).isEqualTo("here");
  }

  /** Waits until the admin port tells of what was given, while requests go on. */
  private void told(Leaf bad, String why) throws Exception {
    give(bad);
    eventually(
        () -> {
          assertThat(shows(HttpVersion.HTTP_1_1, "first")).isTrue();
          return admin("/certs").contains(why);
        });
    assertThat(admin("/certs")).contains(why);
  }

  private void begin(String from) throws Exception {
    int backend = backend(request -> request.response().end("here"));
    first = named("first");
    files = from.startsWith("server");
    first.write(state);
    gatewayOfServers(
        rules("{route: [{destination: {host: backend.test}}]}")
            .replace("hosts: [shop.test]", "hosts: [shop.test], gateways: [edge]"),
        entry(backend),
        edge().replace("credentialName: shop", from.replace("FILES", state.toString())),
        secret(first));
  }

  private void give(Leaf leaf) throws Exception {
    if (files) {
      replace("tls.key", leaf.key());
      replace("tls.crt", leaf.certificate());
    } else {
      write("entry3.yaml", secret(leaf));
    }
  }

  private void replace(String file, String text) throws Exception {
    Path draft = Files.writeString(state.resolve("." + file), text);
    Files.move(draft, state.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  static String name(HttpClientConnection connection) throws Exception {
    X509Certificate leaf = (X509Certificate) connection.peerCertificates().get(0);
    return String.valueOf(leaf.getSubjectAlternativeNames().iterator().next().get(1));
  }

  private static String text(HttpClientConnection connection) throws Exception {
    Future<Buffer> body =
        connection
            .request(new RequestOptions().setMethod(HttpMethod.GET).setURI("/"))
            .compose(
                request -> {
                  request.authority(HostAndPort.create("shop.test", -1));
                  return Requests.sent(request);
                })
            .compose(GatewayFixture::body);
    return await(body).toString();
  }
}
