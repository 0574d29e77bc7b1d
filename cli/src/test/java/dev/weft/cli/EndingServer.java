package dev.weft.cli;

import dev.weft.testkit.CertificateForm;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.TestCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** A gateway's server for {@code edge.test}, whose certificate of a quarter ends in nine days. */
final class EndingServer {

  private EndingServer() {}

  /**
   * @param selector of the gateway, e.g. {@code app: edge}
   * @param folder where its files shall be
   */
  static String inFrontOf(String selector, Path folder) throws IOException {
    Instant now = Instant.now();
    Path files = folder.resolve("server");
    TestCertificates authority = new TestCertificates(now);
    CertificateForm ending =
        authority.form(now.minus(Duration.ofDays(90)), now.plus(Duration.ofHours(9 * 24 + 1)));
    authority.leaf(ending.dns("edge.test"), authority.root()).write(files);
    return """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: prod}
        spec:
          selector: {%1$s}
          servers:
          - port: {number: %2$d, name: one, protocol: HTTPS}
            bind: 127.0.0.1
            hosts: [edge.test]
            tls: {mode: SIMPLE, serverCertificate: %3$s/tls.crt, privateKey: %3$s/tls.key}
        """
        .formatted(selector, FreePorts.next(), files);
  }
}
