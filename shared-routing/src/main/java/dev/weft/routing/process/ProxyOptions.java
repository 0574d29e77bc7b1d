package dev.weft.routing.process;

import dev.weft.config.model.balance.Locality;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.balance.Localities;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.identity.DirectoryIdentity;
import dev.weft.routing.identity.IdentitySource;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.ControlPlaneIdentity;
import dev.weft.routing.identity.join.JoinFiles;
import dev.weft.routing.process.flags.Flag;
import dev.weft.routing.process.flags.Given;
import dev.weft.routing.process.flags.WrongUsage;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The flags that gateway and sidecar share. Each has an environment variable, WEFT_FLAG_NAME. */
public final class ProxyOptions {

  private static final Logger LOG = LoggerFactory.getLogger(ProxyOptions.class);
  private static final String FOLDER = "dir:";
  private static final int MOST_THREADS = 256;
  private static final int LONGEST_WAIT = 600;
  private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|::1");

  private static final Pattern PLACE = Pattern.compile("[^/*\\s]+(/[^/*\\s]+){0,2}");

  private static final Flag CONFIG =
      Flag.several(
          "--config",
          "SRC",
          "Where configuration comes from. dir:PATH (watched folder of YAML),",
          "configmap:NAMESPACE/NAME, configmap:NAMESPACE?label=SELECTOR, kubernetes: and",
          "kubernetes:NAMESPACE (gateway and control plane), control:HOST:PORT (streamed by the control plane).");
  private static final Flag LABELS =
      Flag.lists(
          "--labels", "K=V", "Labels of this workload; Gateways and policies select by them.");
  private static final Flag SERVICE_ACCOUNT =
      Flag.one("--service-account", "NS/NAME", "Namespace and account of this workload.")
          .or("default/default");
  private static final Flag LOCALITY =
      Flag.one(
          "--locality",
          "REGION/ZONE/SUBZONE",
          "Where this workload stands, so that endpoints near it come first (default: its labels",
          "topology.kubernetes.io/region and /zone, topology.istio.io/subzone).");
  private static final Flag IDENTITY =
      Flag.one(
          "--identity",
          "ID",
          "Where the certificate comes from: control:HOST:PORT (with --token-file), or dir:PATH",
          "with tls.crt, tls.key and ca.crt, watched. Without it there is no mTLS.");
  private static final Flag TOKEN_FILE =
      Flag.one(
          "--token-file",
          "PATH",
          "What --identity control:HOST:PORT joins with: a join token (see ./weft token), or a",
          "token of the pod's ServiceAccount, audience weft (with --root-cert).");
  private static final Flag ROOT_CERT =
      Flag.one(
          "--root-cert",
          "FILE",
          "The mesh's roots in PEM, one of which a ServiceAccount token is shown to; in a pod",
          "root-cert.pem of the ConfigMap weft-ca-root.");
  private static final Flag TRUST_DOMAIN =
      Flag.one("--trust-domain", "NAME", "Trust domain of the mesh.").or("cluster.local");
  private static final Flag JWKS_ROOTS =
      Flag.one(
          "--jwks-roots",
          "FILE",
          "Certificates in PEM by which servers of JWT keys (jwksUri, OpenID Connect discovery) are",
          "verified, instead of those of the JDK.");
  private static final Flag THREADS =
      Flag.one("--threads", "N", "Event loops; 0 takes one per processor.").or("0");
  static final Flag PROFILE =
      Flag.one("--profile", "fast|small", "How the JVM is started (read by the launcher).");
  private static final Flag STATE_DIR =
      Flag.one(
          "--state-dir",
          "PATH",
          "Keeps the last good configuration, key and certificate for a restart.");
  private static final Flag ADMIN =
      Flag.one("--admin", "[ADDR:]PORT", "The admin API; port 0 takes a free one.")
          .or("127.0.0.1:15000");
  private static final Flag CONTROL_ADMIN =
      Flag.one(
          "--control-admin",
          "[ADDR:]PORT",
          "The same over mTLS, for the control plane's identity alone, whose dashboard asks it; off",
          "unless given (15004 in pods). Needs --identity.");
  private static final Flag METRICS =
      Flag.one(
          "--metrics", "[ADDR:]PORT", "Prometheus text for scrapers elsewhere; off unless given.");
  private static final Flag HEALTH =
      Flag.one("--health", "[ADDR:]PORT", "/ready and /healthz for probes; off unless given.");
  private static final Flag ACCESS_LOG =
      Flag.one(
              "--access-log",
              "PATH|off",
              "Where the access log goes: a file, - for standard output, off for nowhere.")
          .or("-");
  private static final Flag WARM_UP =
      Flag.one(
              "--warm-up",
              "N",
              "Requests that the process sends through itself before it is ready, so that the first",
              "real ones are not slow; 0 for none.")
          .or("300");
  private static final Flag DRAIN_WAIT =
      Flag.one(
              "--drain-wait",
              "SECONDS",
              "For how long requests are still taken after SIGTERM, while /ready says no, so that",
              "nobody is refused who has not noticed yet.")
          .or("5");
  static final Flag VERBOSE =
      Flag.alone("--verbose", "With --version: tells what the process was started with, too.");

  /** Ends it once it is ready: for the build, which keeps what was loaded. */
  private static final Flag TRAIN = Flag.alone("--train");

  /** All of them. */
  public static final List<Flag> FLAGS =
      List.of(
          CONFIG,
          LABELS,
          SERVICE_ACCOUNT,
          LOCALITY,
          IDENTITY,
          TOKEN_FILE,
          ROOT_CERT,
          TRUST_DOMAIN,
          JWKS_ROOTS,
          THREADS,
          PROFILE,
          STATE_DIR,
          ADMIN,
          CONTROL_ADMIN,
          METRICS,
          HEALTH,
          ACCESS_LOG,
          WARM_UP,
          DRAIN_WAIT,
          VERBOSE,
          TRAIN);

  private final Given given;
  private final List<String> config;

  /**
   * @throws WrongUsage without a source of configuration
   */
  public ProxyOptions(Given given) {
    this.given = given;
    this.config = given.required(CONFIG);
  }

  /** Rules and policies are chosen by the flag, peers go by the certificate: tell of a mistake. */
  void compare(WorkloadIdentity own, Workload workload) {
    if (!own.id().toString().equals(workload.spiffeId())) {
      LOG.warn(
          "--service-account {}/{} is not whom the identity names, {}; policies are chosen by the"
              + " flag, and peers see the identity",
          workload.namespace(),
          workload.serviceAccount(),
          own.id());
    }
  }

  /** Whose proxy it is. */
  public Workload workload() {
    String serviceAccount = given.text(SERVICE_ACCOUNT);
    String[] account = serviceAccount.split("/", -1);
    if (account.length != 2 || account[0].isEmpty() || account[1].isEmpty()) {
      throw usage("--service-account " + serviceAccount + " (expected: NAMESPACE/NAME)");
    }
    Map<String, String> labels = labels();
    return new Workload(account[0], account[1], given.text(TRUST_DOMAIN), labels, place(labels));
  }

  private Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String label : given.all(LABELS)) {
      int equals = label.indexOf('=');
      if (equals < 1) {
        throw usage("--labels " + label + " (expected: K=V)");
      }
      labels.put(label.substring(0, equals), label.substring(equals + 1));
    }
    return labels;
  }

  private Locality place(Map<String, String> labels) {
    Optional<String> place = given.one(LOCALITY);
    if (place.isEmpty()) {
      return Localities.of(labels);
    }
    if (!PLACE.matcher(place.get()).matches()) {
      throw usage("--locality " + place.get() + " (expected: REGION/ZONE/SUBZONE, or less of it)");
    }
    return Locality.parse(place.get());
  }

  /** Event loops, from 1. */
  public int loops() {
    return loops(given);
  }

  static int loops(Given given) {
    int threads = given.number(THREADS, 0, MOST_THREADS);
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }

  public List<String> config() {
    return config;
  }

  public Optional<String> identity() {
    return given.one(IDENTITY);
  }

  /** What gives this proxy its identity; empty without {@code --identity}. */
  Optional<IdentitySource> identitySource(Vertx vertx, IdentityStore identities, Ticker ticker) {
    String trustDomain = given.text(TRUST_DOMAIN);
    return identity()
        .map(
            wanted -> {
              if (wanted.startsWith(FOLDER)) {
                Path folder = Path.of(wanted.substring(FOLDER.length()));
                return new DirectoryIdentity(vertx, folder, trustDomain, identities, ticker);
              }
              HostPort control = ConfigSources.control(this, IDENTITY.name(), wanted);
              return new ControlPlaneIdentity(
                  vertx,
                  new ControlPlaneIdentity.Address(control.host(), control.port(), trustDomain),
                  joining(),
                  stateDir(),
                  identities,
                  ControlPlaneIdentity.Turns.of(vertx, ticker));
            });
  }

  /** Where it is that {@code --identity control:HOST:PORT} needs. */
  private JoinFiles joining() {
    return new JoinFiles(given.one(TOKEN_FILE).map(Path::of), given.one(ROOT_CERT).map(Path::of));
  }

  /** By whom servers of keys are verified; empty for whom the JDK trusts. */
  public Optional<Path> jwksRoots() {
    Optional<Path> roots = given.one(JWKS_ROOTS).map(Path::of);
    if (roots.isPresent() && !Files.isReadable(roots.get())) {
      throw usage("--jwks-roots " + roots.get() + " (expected: a file that can be read)");
    }
    return roots;
  }

  public Optional<Path> stateDir() {
    return given.one(STATE_DIR).map(Path::of);
  }

  /** Of this machine only: what it shows and does is for its operator. */
  public HostPort admin() {
    HostPort admin = HostPort.of(ADMIN, given).orElseThrow();
    if (!LOOPBACK.matcher(admin.host()).matches()) {
      throw usage(
          "--admin "
              + admin
              + " (expected: a loopback address; --metrics and --health may be reached from"
              + " elsewhere)");
    }
    return admin;
  }

  /** Where the control plane may ask what the admin API tells. */
  Optional<HostPort> controlAdmin() {
    Optional<HostPort> at = HostPort.of(CONTROL_ADMIN, given);
    if (at.isPresent() && identity().isEmpty()) {
      throw usage("--control-admin " + at.get() + " (expected: with --identity, as it is mTLS)");
    }
    return at;
  }

  public Optional<HostPort> metrics() {
    return HostPort.of(METRICS, given);
  }

  public Optional<HostPort> health() {
    return HostPort.of(HEALTH, given);
  }

  /** Requests before it is ready, 0 for none. */
  public int warmUp() {
    return given.number(WARM_UP, 0, Integer.MAX_VALUE);
  }

  /** Seconds for which requests are still taken once it leaves. */
  public int drainWait() {
    return given.number(DRAIN_WAIT, 0, LONGEST_WAIT);
  }

  /** Whether the process ends once it is ready. */
  public boolean train() {
    return given.has(TRAIN);
  }

  public String accessLog() {
    return given.text(ACCESS_LOG);
  }

  /** A usage error (exit 2). */
  public RuntimeException usage(String message) {
    return new WrongUsage(message);
  }
}
