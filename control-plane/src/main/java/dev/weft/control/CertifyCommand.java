package dev.weft.control;

import dev.weft.control.ca.CertificateAuthority;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weft certify}: an identity as files, where no control plane runs. */
@Command(
    name = "certify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes an identity as files: tls.crt, tls.key (0600) and ca.crt, for",
      "--identity dir:PATH. The authority is the control plane's, so that both kinds",
      "of workloads know each other. Nobody renews it: run it again before it ends;",
      "proxies take the new files by themselves.",
      "",
      "  ./weft certify --service-account default/gateway --out identity",
      ""
    })
public final class CertifyCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--service-account",
      paramLabel = "NS/NAME",
      required = true,
      description = "Whose identity it is.")
  private String account = "";

  @Option(
      names = "--out",
      paramLabel = "PATH",
      required = true,
      description = "The folder to write to; made where it is not there.")
  private Path out = Path.of("");

  @Mixin private AuthorityOptions authority = new AuthorityOptions();

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      defaultValue = "24h",
      description = "How long it is valid: 30m, 24h, or PT24H (default: ${DEFAULT-VALUE}).")
  private String life = "24h";

  @Override
  public Integer call() throws GeneralSecurityException {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    TokenCommand.requireAccount(line, account);
    String trustDomain = authority.trustDomain();
    Duration ttl = TokenCommand.life(line, life);
    Path folder = authority.folder();
    String[] parts = account.split("/", -1);
    SpiffeId id = new SpiffeId(trustDomain, parts[0], parts[1]);
    try {
      WorkloadIdentity identity =
          CertificateAuthority.open(folder, trustDomain, ttl, new SystemTicker()).own(id);
      write(identity);
      line.getOut().println(id + " until " + identity.notAfter() + " in " + out);
      line.getOut().flush();
      return 0;
    } catch (IOException e) {
      throw new GeneralSecurityException(
          "--ca-dir " + folder + " or --out " + out + " cannot be used: " + e.getMessage(), e);
    }
  }

  /** The key first: a proxy that reads between two of them keeps what it has. */
  private void write(WorkloadIdentity identity) throws IOException {
    Files.createDirectories(out);
    write("tls.key", Pem.of("PRIVATE KEY", identity.key().getEncoded()), "rw-------");
    write("tls.crt", Pem.certificates(identity.chain()), "rw-r--r--");
    write("ca.crt", Pem.certificates(identity.roots()), "rw-r--r--");
  }

  private void write(String name, String text, String permissions) throws IOException {
    FileAttribute<Set<PosixFilePermission>> wanted =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    Path draft = Files.createTempFile(out, name, ".draft", wanted);
    Files.writeString(draft, text);
    Files.move(
        draft,
        out.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
