package dev.weft.control;

import dev.weft.routing.identity.SpiffeId;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The flags of all that has to do with the mesh's certificate authority. */
final class AuthorityOptions {

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--ca-dir",
      paramLabel = "PATH",
      description =
          "Where the control plane keeps the root and the join tokens (default: ~/.weft/ca).")
  private @Nullable Path folder;

  @Option(
      names = "--trust-domain",
      paramLabel = "NAME",
      defaultValue = "cluster.local",
      description = "Trust domain of the mesh (default: ${DEFAULT-VALUE}).")
  private String trustDomain = "cluster.local";

  /** Where the authority is kept. */
  Path folder() {
    return folder == null ? Path.of(System.getProperty("user.home"), ".weft", "ca") : folder;
  }

  /** Fails as a usage error where no SPIFFE id can have it. */
  String trustDomain() {
    if (SpiffeId.parse(SpiffeId.control(trustDomain).toString()).isEmpty()) {
      throw usage(
          "--trust-domain "
              + trustDomain
              + " (expected: 1 to 255 lower-case letters, digits, '.', '-' and '_')");
    }
    return trustDomain;
  }

  private RuntimeException usage(String message) {
    return command == null
        ? new IllegalArgumentException(message)
        : new ParameterException(command.commandLine(), message);
  }
}
