package dev.weft.control;

import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.JoinTokens;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weft token}: a join token for a workload where there is no Kubernetes. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a join token: single use, expiring, bound to one service account. It carries the",
      "root's SHA-256, so that the joiner knows whom to trust. Give it to the workload in a",
      "file: --identity control:HOST:PORT --token-file FILE."
    })
public final class TokenCommand implements Callable<Integer> {

  private static final Duration DAY = Duration.ofHours(24);

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--service-account",
      paramLabel = "NS/NAME",
      required = true,
      description = "Whose identity the workload gets; repeatable, one token a line.")
  private List<String> accounts = List.of();

  @Option(
      names = "--ca-dir",
      paramLabel = "PATH",
      description = "The control plane's --ca-dir (default: ~/.weft/ca).")
  private @Nullable Path authority;

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      defaultValue = "PT1H",
      description = "How long it can be used, as ISO 8601 (default: ${DEFAULT-VALUE}).")
  private Duration life = Duration.ofHours(1);

  @Option(
      names = "--trust-domain",
      paramLabel = "NAME",
      defaultValue = "cluster.local",
      description = "Trust domain of the mesh (default: ${DEFAULT-VALUE}).")
  private String trustDomain = "cluster.local";

  /** Where the authority is kept when nobody says. */
  static Path defaultAuthority() {
    return Path.of(System.getProperty("user.home"), ".weft", "ca");
  }

  @Override
  public Integer call() throws IOException, GeneralSecurityException {
    CommandSpec command = Objects.requireNonNull(spec);
    for (String account : accounts) {
      if (!account.matches("[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")) {
        throw new ParameterException(
            command.commandLine(), "--service-account " + account + " (expected: NAMESPACE/NAME)");
      }
    }
    Path folder = authority == null ? defaultAuthority() : authority;
    Ticker ticker = new SystemTicker();
    CertificateAuthority ca = CertificateAuthority.open(folder, trustDomain, DAY, ticker);
    JoinTokens tokens = new JoinTokens(folder, ticker);
    PrintWriter out = command.commandLine().getOut();
    for (String account : accounts) {
      out.println(tokens.create(account, life, Pem.fingerprint(ca.root())));
    }
    out.flush();
    return 0;
  }
}
