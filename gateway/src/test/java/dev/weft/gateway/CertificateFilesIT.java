package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;

/** Certificates in files change under a gateway that serves: its own, and those for upstreams. */
final class CertificateFilesIT extends WaysFixture {

  private volatile String answering = "old";
  private final TestCertificates other = new TestCertificates(Instant.now());

  @Test
  void aClientCertificateAndItsAuthorityAreRotatedWithoutAFailedRequest() throws Exception {
    authority.good(uri("first")).write(state);
    HttpServer backend = demanding(authority.good(uri("old")));
    gateway(
        rules("{route: [{destination: {host: backend.test}}]}"),
        entry(backend.actualPort()),
        origination("MUTUAL", uri("old"), uri("new")));
    assertThat(ok()).isEqualTo(uri("first") + " at old");

    replace("ca.crt", authority.rootPem() + other.rootPem());
    Leaf second = authority.good(uri("second"));
    replace("tls.crt", second.certificate());
    assertThat(ok()).isEqualTo(uri("first") + " at old"); // half of a pair is none
    replace("tls.key", second.key());
    seen(uri("second") + " at old");
    shows(backend, other.good(uri("new"))); // what was written before is in use by now
    seen(uri("second") + " at new");
  }

  @Test
  void anAuthorityThatIsTakenAwayIsTrustedNoMore() throws Exception {
    authority.good(uri("unused")).write(state);
    HttpServer backend = demanding(authority.good(uri("old")));
    gateway(
        rules("{route: [{destination: {host: backend.test}}]}"),
        entry(backend.actualPort()),
        origination("SIMPLE", uri("old"), uri("new")));
    assertThat(ok()).isEqualTo("nobody at old");

    replace("ca.crt", other.rootPem());
    assertThat(eventually(() -> answer().statusCode() == 503)).isTrue();

    shows(backend, other.good(uri("new")));
    assertThat(ok()).isEqualTo("nobody at new");
  }

  @Test
  void aServersOwnFilesAreAwaitedAndFollowed() throws Exception {
    int backend = backend(request -> request.response().end("here"));
    gatewayOfServers(
        rules("{route: [{destination: {host: backend.test}}]}")
            .replace("hosts: [shop.test]", "hosts: [shop.test], gateways: [edge]"),
        entry(backend),
        edge()
            .replace(
                "credentialName: shop",
                "serverCertificate: %s, privateKey: %s".formatted(at("tls.crt"), at("tls.key"))));
    assertThatThrownBy(() -> secured(HttpVersion.HTTP_2)).isNotNull();

    authority.good(uri("first")).write(state);
    HttpClientConnection first = shown("/sa/first");
    Files.delete(state.resolve("tls.key"));
    Leaf second = authority.good(uri("second"));
    replace("tls.crt", second.certificate());
    assertThat(RotationIT.name(secured(HttpVersion.HTTP_2))).endsWith("/sa/first");
    replace("tls.key", second.key());
    shown("/sa/second");

    HttpClientResponse still = await(sent(first, HttpMethod.GET, "/"));
    assertThat(await(body(still)).toString()).isEqualTo("here");
  }

  /** A connection, once the gateway shows that certificate. */
  private HttpClientConnection shown(String account) throws Exception {
    List<HttpClientConnection> shown = new ArrayList<>();
    boolean seen = eventually(() -> shown.addAll(shows(account)));
    assertThat(seen).as(account).isTrue();
    return shown.get(0);
  }

  /** A connection that is shown it; none where it is not. */
  private List<HttpClientConnection> shows(String account) throws Exception {
    try {
      HttpClientConnection connection = secured(HttpVersion.HTTP_2);
      if (RotationIT.name(connection).endsWith(account)) {
        return List.of(connection);
      }
      await(connection.close());
      return List.of();
    } catch (ExecutionException refused) {
      return List.of();
    }
  }

  private static String uri(String account) {
    return "spiffe://mesh.test/ns/a/sa/" + account;
  }

  private String at(String file) {
    return state.resolve(file).toString();
  }

  private String origination(String mode, String... expected) {
    String files =
        mode.equals("MUTUAL")
            ? "clientCertificate: %s, privateKey: %s, ".formatted(at("tls.crt"), at("tls.key"))
            : "";
    return """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: backend}
        spec:
          host: backend.test
          trafficPolicy:
            tls: {mode: %s, %scaCertificates: %s, subjectAltNames: ['%s'], sni: backend.test}
        """
        .formatted(mode, files, at("ca.crt"), String.join("', '", expected));
  }

  /** Answers with whom the caller showed, one request for each connection. */
  private HttpServer demanding(Leaf leaf) throws Exception {
    HttpServerOptions options = new HttpServerOptions().setSsl(true).setUseAlpn(true);
    ServerSSLOptions tls = secured(leaf);
    options
        .setKeyCertOptions(tls.getKeyCertOptions())
        .setTrustOptions(tls.getTrustOptions())
        .setClientAuth(tls.getClientAuth());
    return await(
        kept(vertx.createHttpServer(options))
            .requestHandler(
                request ->
                    request
                        .response()
                        .putHeader("connection", "close")
                        .end(caller(request) + " at " + answering))
            .listen(0, "127.0.0.1"));
  }

  private void shows(HttpServer backend, Leaf leaf) throws Exception {
    await(backend.updateSSLOptions(secured(leaf)));
    answering = "new";
  }

  private ServerSSLOptions secured(Leaf leaf) {
    ServerSSLOptions options = new ServerSSLOptions();
    options.setKeyCertOptions(
        new PemKeyCertOptions()
            .addCertValue(Buffer.buffer(leaf.certificate()))
            .addKeyValue(Buffer.buffer(leaf.key())));
    options.setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(authority.rootPem())));
    options.setClientAuth(ClientAuth.REQUEST);
    return options;
  }

  private static String caller(HttpServerRequest request) {
    try {
      X509Certificate leaf = (X509Certificate) request.connection().peerCertificates().get(0);
      return String.valueOf(leaf.getSubjectAlternativeNames().iterator().next().get(1));
    } catch (SSLPeerUnverifiedException e) {
      return "nobody";
    } catch (CertificateParsingException e) {
      return e.toString();
    }
  }

  private HttpClientResponse answer() throws Exception {
    return await(request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Buffer.buffer()));
  }

  private String ok() throws Exception {
    HttpClientResponse answer = answer();
    String text = await(body(answer)).toString();
    assertThat(answer.statusCode()).as(text).isEqualTo(200);
    return text;
  }

  /** No request fails until the answer is that. */
  private void seen(String wanted) throws Exception {
    assertThat(eventually(() -> ok().equals(wanted))).as(wanted).isTrue();
  }

  private void replace(String file, String text) throws Exception {
    Path draft = Files.writeString(state.resolve("." + file), text);
    Files.move(draft, state.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }
}
