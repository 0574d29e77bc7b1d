package dev.weft.control;

import dev.weft.control.inject.InjectSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The flags that say what a sidecar is that is put into pods. */
final class InjectOptions {

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--sidecar-image",
      paramLabel = "IMAGE",
      defaultValue = "weft-sidecar:latest",
      description =
          "The sidecar's image, with ./weft as its entry point (default: ${DEFAULT-VALUE}).")
  private String image = "weft-sidecar:latest";

  @Option(
      names = "--sidecar-control",
      paramLabel = "HOST:PORT",
      defaultValue = "weft-control.weft-system.svc:15012",
      description = "Where sidecars reach the control plane (default: ${DEFAULT-VALUE}).")
  private String control = "weft-control.weft-system.svc:15012";

  @Option(
      names = "--native-sidecar",
      paramLabel = "true|false",
      arity = "1",
      defaultValue = "true",
      description = {
        "An init container that stays (restartPolicy:",
        "Always), for Kubernetes 1.29 and later; otherwise",
        "a container among the others (default:",
        "${DEFAULT-VALUE})."
      })
  private boolean nativeSidecar = true;

  /** Fails as a usage error. */
  InjectSettings settings(String trustDomain) {
    if (!control.matches("[A-Za-z0-9.-]{1,253}:[1-9]\\d{0,4}")) {
      throw usage("--sidecar-control " + control + " (expected: HOST:PORT)");
    }
    if (!image.matches("[A-Za-z0-9][A-Za-z0-9._/:@-]{0,511}")) {
      throw usage("--sidecar-image " + image + " (expected: an image)");
    }
    return new InjectSettings(image, control, trustDomain, nativeSidecar);
  }

  private RuntimeException usage(String message) {
    return command == null
        ? new IllegalArgumentException(message)
        : new ParameterException(command.commandLine(), message);
  }
}
