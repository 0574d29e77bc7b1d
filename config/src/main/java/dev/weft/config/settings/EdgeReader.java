package dev.weft.config.settings;

import dev.weft.config.model.HttpRoute.CorsPolicy;
import dev.weft.config.model.settings.Edge;
import dev.weft.config.model.settings.Edge.ForwardClientCert;
import dev.weft.config.model.settings.Edge.Underscores;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.function.Function;

/** Reads {@code edge} of a {@code ProxySettings}. */
final class EdgeReader {

  private static final int MOST_PROXIES = 100;

  private EdgeReader() {}

  static Edge read(Fields fields, Function<Fields, CorsPolicy> cors) {
    Edge edge =
        new Edge(
            fields.integer("trustedProxies", 0, MOST_PROXIES, 0),
            fields.flag("proxyProtocol", false),
            fields
                .word("forwardClientCert", ForwardClientCert.class)
                .orElse(Edge.DEFAULT.forwardClientCert()),
            fields
                .word("headersWithUnderscores", Underscores.class)
                .orElse(Edge.DEFAULT.headersWithUnderscores()),
            PolicyReader.read(fields, cors));
    if (edge.proxyProtocol() && edge.trustedProxies() == 0) {
      fields.error(
          Codes.CONFLICT,
          "proxyProtocol",
          "proxyProtocol with trustedProxies 0 (expected: at least 1, the one that writes it)",
          "write trustedProxies: 1 where a load balancer stands in front, and nobody else gets past");
    }
    fields.done();
    return edge;
  }
}
