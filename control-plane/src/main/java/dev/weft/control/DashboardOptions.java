package dev.weft.control;

import dev.weft.control.access.AccessSettings;
import dev.weft.routing.process.HostPort;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How the dashboard is reached from elsewhere; a mixin. */
final class DashboardOptions {

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--dashboard",
      paramLabel = "[ADDR:]PORT",
      description = {
        "The dashboard of the whole mesh on a port of its own, which may be reached from elsewhere:",
        "then with --dashboard-tls, and --dashboard-token-file or --dashboard-clients. Off unless",
        "given; on this machine the port of --admin has it, too."
      })
  private @Nullable String dashboard;

  @Option(
      names = "--dashboard-tls",
      paramLabel = "PATH",
      description = "Folder with tls.crt and tls.key for --dashboard, watched.")
  private @Nullable Path tls;

  @Option(
      names = "--dashboard-token-file",
      paramLabel = "FILE",
      description = {
        "Token that lets into --dashboard, by a form or as Authorization: Bearer; 32 characters or",
        "more in a file that others cannot read, watched."
      })
  private @Nullable Path token;

  @Option(
      names = "--dashboard-clients",
      paramLabel = "FILE",
      description = "Certificates in PEM; a client's under one of them lets into --dashboard.")
  private @Nullable Path clients;

  /** What is wanted; empty without {@code --dashboard}. */
  Optional<AccessSettings> settings() {
    try {
      if (dashboard == null) {
        if (tls != null || token != null || clients != null) {
          throw new IllegalArgumentException(
              "--dashboard-tls, --dashboard-token-file, --dashboard-clients (expected: with"
                  + " --dashboard)");
        }
        return Optional.empty();
      }
      return Optional.of(
          new AccessSettings(
              HostPort.parse(dashboard, "127.0.0.1"),
              Optional.ofNullable(tls),
              Optional.ofNullable(token),
              Optional.ofNullable(clients)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
