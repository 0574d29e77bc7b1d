package dev.weft.routing.process;

import dev.weft.config.model.balance.Locality;
import dev.weft.routing.cluster.balance.Localities;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.identity.WorkloadIdentity;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The flags that gateway and sidecar share. Each has an environment variable, WEFT_FLAG_NAME. */
public final class ProxyOptions {

  private static final Logger LOG = LoggerFactory.getLogger(ProxyOptions.class);
  private static final int MOST_THREADS = 256;
  private static final int LONGEST_WAIT = 600;
  private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|::1");

  private static final Pattern LOCALITY = Pattern.compile("[^/*\\s]+(/[^/*\\s]+){0,2}");

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--config",
      paramLabel = "SRC",
      required = true,
      description = {
        "Where configuration comes from; repeatable. dir:PATH (watched folder of YAML),",
        "configmap:NAMESPACE/NAME or configmap:NAMESPACE?label=SELECTOR (gateway and control"
            + " plane), control:HOST:PORT (streamed by the control plane)."
      })
  private List<String> config = List.of();

  @Option(
      names = "--labels",
      paramLabel = "K=V",
      split = ",",
      description = "Labels of this workload; Gateways and policies select by them.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--service-account",
      paramLabel = "NS/NAME",
      defaultValue = "default/default",
      description = "Namespace and account of this workload (default: ${DEFAULT-VALUE}).")
  private String serviceAccount = "default/default";

  @Option(
      names = "--locality",
      paramLabel = "REGION/ZONE/SUBZONE",
      description = {
        "Where this workload stands, so that endpoints near it come first (default: its labels",
        "topology.kubernetes.io/region and /zone, topology.istio.io/subzone)."
      })
  private @Nullable String locality;

  @Option(
      names = "--identity",
      paramLabel = "ID",
      description = {
        "Where the certificate comes from: control:HOST:PORT (with --token-file), or dir:PATH",
        "with tls.crt, tls.key and ca.crt, watched. Without it there is no mTLS."
      })
  private @Nullable String identity;

  @Option(
      names = "--token-file",
      paramLabel = "PATH",
      description = "The join token for --identity control:HOST:PORT (see ./weft token).")
  private @Nullable Path tokenFile;

  @Option(
      names = "--trust-domain",
      paramLabel = "NAME",
      defaultValue = "cluster.local",
      description = "Trust domain of the mesh (default: ${DEFAULT-VALUE}).")
  private String trustDomain = "cluster.local";

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Event loops; 0 (the default) takes one per processor.")
  private int threads;

  @Option(
      names = "--profile",
      paramLabel = "fast|small",
      description = "How the JVM is started (read by the launcher).")
  private @Nullable String profile;

  @Option(
      names = "--state-dir",
      paramLabel = "PATH",
      description = "Keeps the last good configuration, key and certificate for a restart.")
  private @Nullable Path stateDir;

  @Option(
      names = "--admin",
      paramLabel = "ADDR:PORT",
      defaultValue = "127.0.0.1:15000",
      converter = HostPort.Converter.class,
      description = "The admin API (default: ${DEFAULT-VALUE}; port 0 takes a free one).")
  private HostPort admin = new HostPort("127.0.0.1", 15000);

  @Option(
      names = "--metrics",
      paramLabel = "[ADDR:]PORT",
      converter = HostPort.Converter.class,
      description = "Prometheus text for scrapers elsewhere; off unless given.")
  private @Nullable HostPort metrics;

  @Option(
      names = "--health",
      paramLabel = "[ADDR:]PORT",
      converter = HostPort.Converter.class,
      description = "/ready and /healthz for probes; off unless given.")
  private @Nullable HostPort health;

  @Option(
      names = "--access-log",
      paramLabel = "PATH|off",
      defaultValue = "-",
      description = "Where the access log goes: a file, - for standard output (default), off.")
  private String accessLog = "-";

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "300",
      description = {
        "Requests that the process sends through itself before it is ready, so that the first",
        "real ones are not slow (default: ${DEFAULT-VALUE}; 0 for none)."
      })
  private int warmUp = 300;

  @Option(
      names = "--drain-wait",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = {
        "For how long requests are still taken after SIGTERM, while /ready says no, so that",
        "nobody is refused who has not noticed yet (default: ${DEFAULT-VALUE})."
      })
  private int drainWait = 5;

  @Option(
      names = "--train",
      hidden = true,
      description = "Ends once it is ready: for the build, which keeps what was loaded.")
  private boolean train;

  @Option(
      names = "--verbose",
      description = "With --version: tells what the process was started with, too.")
  @SuppressWarnings("UnusedVariable") // ProxyCommand.Version reads the option
  private boolean verbose;

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

  /** Checks what picocli cannot, as a usage error. */
  public Workload workload() {
    String[] account = serviceAccount.split("/", -1);
    if (account.length != 2 || account[0].isEmpty() || account[1].isEmpty()) {
      throw usage("--service-account " + serviceAccount + " (expected: NAMESPACE/NAME)");
    }
    return new Workload(account[0], account[1], trustDomain, labels, place());
  }

  private Locality place() {
    if (locality == null) {
      return Localities.of(labels);
    }
    if (!LOCALITY.matcher(locality).matches()) {
      throw usage("--locality " + locality + " (expected: REGION/ZONE/SUBZONE, or less of it)");
    }
    return Locality.parse(locality);
  }

  /** Event loops, from 1. */
  public int loops() {
    if (threads < 0 || threads > MOST_THREADS) {
      throw usage("--threads " + threads + " (expected: 0 to " + MOST_THREADS + ")");
    }
    return loops(threads);
  }

  /** What {@code --threads} means. */
  static int loops(int threads) {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }

  public List<String> config() {
    return List.copyOf(config);
  }

  public Optional<String> identity() {
    return Optional.ofNullable(identity);
  }

  public Optional<Path> tokenFile() {
    return Optional.ofNullable(tokenFile);
  }

  public Optional<Path> stateDir() {
    return Optional.ofNullable(stateDir);
  }

  /** Of this machine only: what it shows and does is for its operator. */
  public HostPort admin() {
    if (!LOOPBACK.matcher(admin.host()).matches()) {
      throw usage(
          "--admin "
              + admin
              + " (expected: a loopback address; --metrics and --health may be reached from"
              + " elsewhere)");
    }
    return admin;
  }

  public Optional<HostPort> metrics() {
    return Optional.ofNullable(metrics);
  }

  public Optional<HostPort> health() {
    return Optional.ofNullable(health);
  }

  /** Requests before it is ready, 0 for none. */
  public int warmUp() {
    if (warmUp < 0) {
      throw usage("--warm-up " + warmUp + " (expected: 0 or more)");
    }
    return warmUp;
  }

  /** Seconds for which requests are still taken once it leaves. */
  public int drainWait() {
    if (drainWait < 0 || drainWait > LONGEST_WAIT) {
      throw usage("--drain-wait " + drainWait + " (expected: 0 to " + LONGEST_WAIT + ")");
    }
    return drainWait;
  }

  /** Whether the process ends once it is ready. */
  public boolean train() {
    return train;
  }

  public String accessLog() {
    return accessLog;
  }

  /** {@code fast} or {@code small}, as the launcher was told; empty for the command's own. */
  public Optional<String> profile() {
    return Optional.ofNullable(profile);
  }

  /** A usage error (exit 2) of the command that these flags belong to. */
  public RuntimeException usage(String message) {
    return command == null
        ? new IllegalArgumentException(message)
        : new ParameterException(command.commandLine(), message);
  }
}
