package dev.weft.routing.cluster.balance;

import dev.weft.config.model.balance.Locality;
import java.util.Map;

/**
 * From where a proxy looks at endpoints.
 *
 * @param labels of its workload
 */
public record Vantage(Locality locality, Map<String, String> labels) {

  /** Nothing is known of the proxy. */
  public static final Vantage UNKNOWN = new Vantage(Locality.UNKNOWN, Map.of());

  public Vantage {
    labels = Map.copyOf(labels);
  }
}
