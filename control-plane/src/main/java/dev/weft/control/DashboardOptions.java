package dev.weft.control;

import dev.weft.control.access.AccessSettings;
import dev.weft.routing.process.HostPort;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
        "The dashboard of the whole mesh on a port of its",
        "own, which may be reached from elsewhere: then",
        "with --dashboard-tls, and --dashboard-token-file",
        "or --dashboard-clients. Off unless given; on this",
        "machine the port of --admin has it, too."
      })
  private @Nullable String dashboard;

  @Option(
      names = "--dashboard-tls",
      paramLabel = "PATH",
      description = "Folder with tls.crt and tls.key for --dashboard, watched.")
  private @Nullable Path tls;

  @Option(
      names = "--dashboard-token-file",
      paramLabel = "[NAME=]FILE",
      description = {
        "Token that lets into --dashboard, by a form or as",
        "Authorization: Bearer; 32 characters or more in a",
        "file that others cannot read, watched. Repeatable:",
        "it is told who changed what, by NAME, or by the",
        "name of the file."
      })
  private List<String> tokens = List.of();

  @Option(
      names = "--dashboard-clients",
      paramLabel = "FILE",
      description = "Certificates in PEM; a client's under one of them lets into --dashboard.")
  private @Nullable Path clients;

  @Option(
      names = "--dashboard-editor",
      paramLabel = "NAME",
      description = {
        "Name of a token, or subject of a certificate as in",
        "CN=alice,O=shop, that may change weights and go",
        "back, and not look alone; repeatable. All who are",
        "let in unless given."
      })
  private List<String> editors = List.of();

  /** What is wanted; empty without {@code --dashboard}. */
  Optional<AccessSettings> settings() {
    try {
      if (dashboard == null) {
        if (tls != null || clients != null || !tokens.isEmpty() || !editors.isEmpty()) {
          throw new IllegalArgumentException(
              "--dashboard-tls, --dashboard-token-file, --dashboard-clients, --dashboard-editor"
                  + " (expected: with --dashboard)");
        }
        return Optional.empty();
      }
      return Optional.of(
          new AccessSettings(
              HostPort.parse(dashboard, "127.0.0.1"),
              Optional.ofNullable(tls),
              tokens.stream().map(AccessSettings.Named::parse).toList(),
              Optional.ofNullable(clients),
              Set.copyOf(editors)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
