package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Certificates of a gateway's listeners change while requests run. */
final class RotationIT extends WaysFixture {

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
    String shown = "";
    int rounds = 0;
    while (!shown.endsWith("/sa/second") && rounds++ < 500) {
      assertThat(text(http1)).isEqualTo("here");
      assertThat(text(http2)).isEqualTo("here");
      HttpClientConnection fresh = secured(HttpVersion.HTTP_2);
      shown = name(fresh);
      assertThat(text(fresh)).isEqualTo("here");
      await(fresh.close());
    }

    assertThat(shown).endsWith("/sa/second");
    assertThat(text(http1)).isEqualTo("here");
    assertThat(text(http2)).isEqualTo("here");
    assertThat(dropped).isFalse();
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
