package dev.weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.process.ProxyCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class CertifyCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  @Test
  void theFilesAreAnIdentityThatProxiesTake() throws Exception {
    int exit = run("--service-account", "prod/search", "--ttl", "2h");

    assertThat(err.toString()).isEmpty();
    assertThat(exit).isZero();
    Path files = folder.resolve("search");
    WorkloadIdentity identity =
        WorkloadIdentity.parse(
            Files.readString(files.resolve("tls.crt")),
            Files.readString(files.resolve("tls.key")),
            Files.readString(files.resolve("ca.crt")),
            "cluster.local");
    assertThat(identity.id().toString()).isEqualTo("spiffe://cluster.local/ns/prod/sa/search");
    assertThat(identity.notAfter()).isBefore(Instant.now().plus(Duration.ofHours(3)));
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(files.resolve("tls.key"))))
        .isEqualTo("rw-------");
  }

  @Test
  void anAccountWithoutNamespaceIsAUsageError() {
    int exit = run("--service-account", "search");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("weft: --service-account search (expected: NAMESPACE/NAME");
  }

  private int run(String... arguments) {
    CommandLine line = ProxyCommand.line(new CertifyCommand());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    String[] all = new String[arguments.length + 4];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--out";
    all[arguments.length + 1] = folder.resolve("search").toString();
    all[arguments.length + 2] = "--ca-dir";
    all[arguments.length + 3] = folder.resolve("ca").toString();
    return line.execute(all);
  }
}
