package dev.weft.routing.exchange;

import java.util.Map;
import java.util.Optional;

/**
 * What a proxy inside the mesh tells the next one of its workload, for signals only: it is never a
 * reason to let anybody in. Namespace and account come from the certificate.
 *
 * <p>On the wire it is the header {@code x-weft-peer: workload=reviews-v1;app=reviews;version=v1},
 * on the first request of a connection.
 */
public record PeerWorkload(String workload, String app, String version) {

  /** The header's name, in lower case. */
  public static final String HEADER = "x-weft-peer";

  /** The label with a workload's name, e.g. that of its Deployment. Source: Istio's labels. */
  public static final String NAME = "service.istio.io/workload-name";

  /** What stands where nothing is known. */
  public static final String UNKNOWN = "unknown";

  private static final int LONGEST = 63; // of a label's value in Kubernetes
  private static final int LONGEST_HEADER = 3 * LONGEST + 32;

  /** How {@code workload} introduces itself. */
  public static PeerWorkload of(Workload workload) {
    Map<String, String> labels = workload.labels();
    return of(labels.getOrDefault(NAME, UNKNOWN), workload.app(), version(labels));
  }

  /**
   * A workload of which this much is known.
   *
   * @param name {@value #UNKNOWN} where no label tells it: then it is made of app and version, as
   *     Deployments usually are called
   * @param app its label {@code app}, or what stands for it
   * @param version its label {@code version}, or {@value #UNKNOWN}
   */
  public static PeerWorkload of(String name, String app, String version) {
    if (!name.equals(UNKNOWN) && label(name)) {
      return new PeerWorkload(name, app, version);
    }
    return new PeerWorkload(version.equals(UNKNOWN) ? app : app + "-" + version, app, version);
  }

  /** The label {@code app}, or what charts write instead; {@value #UNKNOWN} without both. */
  public static String app(Map<String, String> labels) {
    String app = labels.get("app");
    return app != null ? app : labels.getOrDefault("app.kubernetes.io/name", UNKNOWN);
  }

  /** The label {@code version}; {@value #UNKNOWN} without it. */
  public static String version(Map<String, String> labels) {
    return labels.getOrDefault("version", UNKNOWN);
  }

  /** The header's value. */
  public String header() {
    return "workload=" + workload + ";app=" + app + ";version=" + version;
  }

  /** Empty where the value is none that a proxy sends. */
  public static Optional<PeerWorkload> parse(String header) {
    if (header.length() > LONGEST_HEADER) {
      return Optional.empty();
    }
    String workload = "";
    String app = "";
    String version = "";
    for (String part : header.split(";", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      String value = part.substring(equals + 1);
      if (!label(value)) {
        return Optional.empty();
      }
      switch (name) {
        case "workload" -> workload = value;
        case "app" -> app = value;
        case "version" -> version = value;
        default -> {} // said by a newer proxy
      }
    }
    boolean whole = !workload.isEmpty() && !app.isEmpty() && !version.isEmpty();
    return whole ? Optional.of(new PeerWorkload(workload, app, version)) : Optional.empty();
  }

  private static boolean label(String value) {
    if (value.length() > 2 * LONGEST + 1) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean good = c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.');
      if (!good) {
        return false;
      }
    }
    return true;
  }
}
