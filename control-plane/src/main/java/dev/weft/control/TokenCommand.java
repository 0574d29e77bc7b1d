package dev.weft.control;

import dev.weft.config.yaml.Durations;
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
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

/** {@code weft token}: a join token for a workload where there is no Kubernetes. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a join token: single use, expiring, bound to one service account. It",
      "carries the root's SHA-256, so that the joiner knows whom to trust. Give it to",
      "the workload in a file: --identity control:HOST:PORT --token-file FILE.",
      "",
      "  ./weft token --service-account default/gateway >token",
      ""
    })
public final class TokenCommand implements Callable<Integer> {

  private static final Duration DAY = Duration.ofHours(24);
  private static final Duration LONGEST = Duration.ofDays(365);
  private static final int LONGEST_NAME = 253;
  private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"; // RFC 1123
  private static final Pattern NAMESPACE = Pattern.compile(LABEL);
  private static final Pattern NAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*");

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--service-account",
      paramLabel = "NS/NAME",
      required = true,
      description = "Whose identity the workload gets; repeatable, one token a line.")
  private List<String> accounts = List.of();

  @Mixin private AuthorityOptions authority = new AuthorityOptions();

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      defaultValue = "1h",
      description = "How long it can be used: 15s, 30m, 1h, or PT1H (default: ${DEFAULT-VALUE}).")
  private String life = "1h";

  @Override
  public Integer call() throws GeneralSecurityException {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    for (String account : accounts) {
      requireAccount(line, account);
    }
    Duration ttl = life(line, life);
    String trustDomain = authority.trustDomain();
    Path folder = authority.folder();
    try {
      print(line.getOut(), folder, trustDomain, ttl);
      return 0;
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException("--ca-dir " + folder + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new GeneralSecurityException(
          "--ca-dir " + folder + " cannot be read or written: " + e.getMessage(), e);
    }
  }

  private void print(PrintWriter out, Path folder, String trustDomain, Duration ttl)
      throws IOException, GeneralSecurityException {
    Ticker ticker = new SystemTicker();
    CertificateAuthority ca = CertificateAuthority.open(folder, trustDomain, DAY, ticker);
    JoinTokens tokens = new JoinTokens(folder, ticker);
    for (String account : accounts) {
      out.println(tokens.create(account, ttl, Pem.fingerprint(ca.root())));
    }
    out.flush();
  }

  /** What Kubernetes would take as names: a label, and labels with dots between them. */
  static void requireAccount(CommandLine line, String account) {
    String[] parts = account.split("/", -1);
    boolean named =
        parts.length == 2
            && NAMESPACE.matcher(parts[0]).matches()
            && parts[1].length() <= LONGEST_NAME
            && NAME.matcher(parts[1]).matches();
    if (!named) {
      throw new ParameterException(
          line,
          "--service-account "
              + account
              + " (expected: NAMESPACE/NAME, lower-case letters, digits and '-')");
    }
  }

  static Duration life(CommandLine line, String text) {
    Optional<Duration> life =
        Durations.parse(text)
            .or(() -> iso(text))
            .filter(given -> given.toSeconds() >= 1 && given.compareTo(LONGEST) <= 0);
    return life.orElseThrow(
        () ->
            new ParameterException(
                line, "--ttl " + text + " (expected: 1s to 8760h, e.g. 15s, 30m, 1h or PT1H)"));
  }

  private static Optional<Duration> iso(String text) {
    try {
      return Optional.of(Duration.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
