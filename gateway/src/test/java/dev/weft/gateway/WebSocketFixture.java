package dev.weft.gateway;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A gateway that upgrades connections, in plaintext or over mTLS upstream. */
abstract class WebSocketFixture extends WaysFixture {

  static final String UPGRADE =
      RawHttp.lines(
          "GET /chat HTTP/1.1",
          "Host: shop.test",
          "Upgrade: websocket",
          "Connection: keep-alive, Upgrade",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "");
  static final String SWITCHED =
      RawHttp.lines(
          "HTTP/1.1 101 Switching Protocols",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
          "");

  static Stream<Boolean> mutualTls() {
    return Stream.of(false, true);
  }

  void gateway(boolean mutualTls, int backend) throws Exception {
    String entry = entry(backend);
    if (mutualTls) {
      Path identity = state.resolve("identity");
      authority.good("spiffe://cluster.local/ns/default/sa/edge").write(identity);
      flags.addAll(List.of("--identity", "dir:" + identity, "--service-account", "default/edge"));
      entry =
          entry
              .replace("spec:\n", "spec:\n  location: MESH_INTERNAL\n")
              .replace("labels:", "serviceAccount: backend, labels:");
    }
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry);
  }

  /** What the backend shows over mTLS, and whom it trusts. */
  PemKeyCertOptions shown() {
    Leaf leaf = authority.good("spiffe://cluster.local/ns/default/sa/backend");
    return new PemKeyCertOptions()
        .addCertValue(Buffer.buffer(leaf.certificate()))
        .addKeyValue(Buffer.buffer(leaf.key()));
  }

  PemTrustOptions trusted() {
    return new PemTrustOptions().addCertValue(Buffer.buffer(authority.rootPem()));
  }
}
