package dev.weft.control;

import dev.weft.config.yaml.Durations;
import dev.weft.control.webhook.WebhookSettings;
import dev.weft.routing.admin.AdminServer;
import dev.weft.routing.process.HostPort;
import dev.weft.routing.process.ProxyCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weft control}: the control plane as a process. */
@Command(
    name = "control",
    mixinStandardHelpOptions = true,
    versionProvider = ProxyCommand.Version.class,
    sortOptions = false,
    description = {
      "The control plane: the mesh's certificate authority, and the stream by which",
      "proxies get their configuration. Certificates are issued for join tokens",
      "(./weft token) and, in a cluster, for tokens of ServiceAccounts; all else on",
      "its port is mTLS.",
      "",
      "  ./weft control --config dir:config/examples/canary",
      ""
    })
public final class ControlCommand implements Callable<Integer> {

  private static final Pattern SECRET = Pattern.compile("[a-z0-9-]{1,63}/[a-z0-9.-]{1,253}");

  private static final Duration LONGEST_WAIT = Duration.ofHours(24);
  private static final Set<String> LOOPBACKS = Set.of(AdminServer.LOOPBACK, "::1", "localhost");

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "SRC",
      required = true,
      description = {
        "Where configuration comes from: dir:PATH,",
        "configmap:NAMESPACE/NAME or",
        "configmap:NAMESPACE?label=SELECTOR, or kubernetes:",
        "or kubernetes:NAMESPACE for Services and their",
        "endpoints; repeatable."
      })
  private List<String> config = List.of();

  @Option(
      names = "--verbose",
      description = "With --version: tells what the process was started with, too.")
  @SuppressWarnings("UnusedVariable") // ProxyCommand.Version reads the option
  private boolean verbose;

  @Option(
      names = "--listen",
      paramLabel = "ADDR:PORT",
      defaultValue = "0.0.0.0:15012",
      converter = HostPort.Converter.class,
      description = "Where proxies reach it (default: ${DEFAULT-VALUE}).")
  private HostPort listen = new HostPort("0.0.0.0", 15012);

  @Option(
      names = "--ca-secret",
      paramLabel = "NAMESPACE/NAME",
      description = {
        "The Secret that holds the mesh's authority,",
        "instead of --ca-dir: ca-cert.pem, ca-key.pem,",
        "cert-chain.pem and root-cert.pem, or tls.crt,",
        "tls.key and ca.crt. A root is made where there is",
        "no such Secret. Several control planes may share",
        "it. Implies --kubernetes-tokens; join tokens are",
        "not taken."
      })
  private @Nullable String secret;

  @Option(
      names = "--root-wait",
      paramLabel = "DURATION",
      defaultValue = "3m",
      description = {
        "How long weft-ca-root tells of a new root in",
        "--ca-secret before it signs: as long as kubelets",
        "take to bring it into running pods (default:",
        "${DEFAULT-VALUE})."
      })
  private String rootWait = "3m";

  @Option(
      names = "--kubernetes-tokens",
      description = {
        "Issues certificates for ServiceAccount tokens too",
        "(audience weft), which the API server is asked",
        "about: the identity is that of the account."
      })
  private boolean kubernetesTokens;

  @Option(
      names = "--webhook",
      paramLabel = "[ADDR:]PORT",
      description = {
        "Where the API server asks for sidecars of pods,",
        "e.g. 15017; off unless given. Its certificate is",
        "for the Service weft-control, and caBundle of the",
        "MutatingWebhookConfiguration weft-injector is kept",
        "right."
      })
  private @Nullable String webhook;

  @Option(
      names = "--admin",
      paramLabel = "[ADDR:]PORT",
      description = {
        "Where this machine may look at the whole mesh:",
        "/dashboard/ in a browser, and GET /proxies, which",
        "weft status and weft doctor --control ask. A",
        "loopback address, e.g. 15000; off unless given."
      })
  private @Nullable String admin;

  @Option(
      names = "--catalogue",
      description = {
        "Tells on the admin port which Services the cluster",
        "has, by name, type and ports: GET /services. Where",
        "KUBERNETES_SERVICE_HOST is set it must be",
        "127.0.0.1, with a free port in",
        "KUBERNETES_SERVICE_PORT, and the API server be in",
        "WEFT_KUBERNETES_HOST and _PORT."
      })
  private boolean catalogue;

  @Mixin private DashboardOptions dashboard = new DashboardOptions();

  @Mixin private InjectOptions inject = new InjectOptions();

  @Mixin private AuthorityOptions authority = new AuthorityOptions();

  @Option(
      names = "--state-dir",
      paramLabel = "PATH",
      description = {
        "Keeps the last good configuration, for a start",
        "while a source cannot be read (default: state in",
        "--ca-dir)."
      })
  private @Nullable Path stateDir;

  @Option(names = "--profile", paramLabel = "fast|small", description = "Read by the launcher.")
  private @Nullable String profile;

  /** Serves until the process is told to end. */
  @Override
  public Integer call() throws InterruptedException {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    String trustDomain = authority.trustDomain();
    for (String source : config) {
      if (!ControlPlane.opens(source)) {
        throw new ParameterException(
            line,
            "--config "
                + source
                + " (expected: dir:PATH or configmap:NAMESPACE/NAME or kubernetes:)");
      }
    }
    Path folder = authority.folder();
    Path state = stateDir == null ? folder.resolve("state") : stateDir;
    ControlPlane control =
        new ControlPlane(
            new ControlSettings(
                config,
                listen,
                folder,
                state,
                secret(line),
                rootWait(line),
                trustDomain,
                kubernetesTokens,
                webhook(line, trustDomain),
                admin(line),
                catalogue(line),
                dashboard.settings()));
    return ProxyCommand.run(control.start(), control::stop, line.getErr());
  }

  private Optional<String> secret(CommandLine line) {
    if (secret != null && !SECRET.matcher(secret).matches()) {
      throw new ParameterException(
          line, "--ca-secret " + secret + " (expected: NAMESPACE/NAME, e.g. weft-system/weft-ca)");
    }
    return Optional.ofNullable(secret);
  }

  private Duration rootWait(CommandLine line) {
    return Durations.parse(rootWait)
        .filter(wait -> wait.compareTo(LONGEST_WAIT) <= 0)
        .orElseThrow(
            () ->
                new ParameterException(
                    line, "--root-wait " + rootWait + " (expected: 0s to 24h, e.g. 3m)"));
  }

  private Optional<HostPort> admin(CommandLine line) {
    if (admin == null) {
      return Optional.empty();
    }
    HostPort at;
    try {
      at = HostPort.parse(admin, AdminServer.LOOPBACK);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line, "--admin: " + e.getMessage());
    }
    if (!LOOPBACKS.contains(at.host())) {
      throw new ParameterException(line, "--admin " + admin + " (expected: a loopback address)");
    }
    return Optional.of(at);
  }

  private boolean catalogue(CommandLine line) {
    if (catalogue && admin == null) {
      throw new ParameterException(line, "--catalogue (expected: with --admin, which tells it)");
    }
    return catalogue;
  }

  private Optional<WebhookSettings> webhook(CommandLine line, String trustDomain) {
    if (webhook == null) {
      return Optional.empty();
    }
    try {
      HostPort at = HostPort.parse(webhook, "0.0.0.0");
      return Optional.of(new WebhookSettings(at, inject.settings(trustDomain)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line, "--webhook: " + e.getMessage());
    }
  }

  /** How the launcher starts it; empty for its own way. */
  String profile() {
    return profile == null ? "" : profile;
  }
}
