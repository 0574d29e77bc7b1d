package dev.weft.routing.exchange;

import dev.weft.config.model.balance.Locality;
import java.util.Map;

/**
 * The workload that this proxy stands beside, or is: whose rules, identity and signals they are.
 *
 * @param labels e.g. {@code app} and {@code version}
 * @param locality where it stands
 */
public record Workload(
    String namespace,
    String serviceAccount,
    String trustDomain,
    Map<String, String> labels,
    Locality locality) {

  /** One of which nobody says where it stands. */
  public Workload(
      String namespace, String serviceAccount, String trustDomain, Map<String, String> labels) {
    this(namespace, serviceAccount, trustDomain, labels, Locality.UNKNOWN);
  }

  public Workload {
    labels = Map.copyOf(labels);
  }

  /** {@code spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT}. */
  public String spiffeId() {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
  }

  /** The label {@code app} or {@code app.kubernetes.io/name}, else the service account. */
  public String app() {
    String app = PeerWorkload.app(labels);
    return app.equals(PeerWorkload.UNKNOWN) ? serviceAccount : app;
  }

  /** The label {@code version}, else {@code latest}. */
  public String version() {
    return labels.getOrDefault("version", "latest");
  }
}
