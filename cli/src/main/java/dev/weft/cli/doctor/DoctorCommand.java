package dev.weft.cli.doctor;

import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.cluster.Cluster;
import dev.weft.kubernetes.cluster.Rehearsal;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.process.HostPort;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weft doctor}: whether all is well with Weft in a cluster. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Tells whether all is well with Weft in a Kubernetes cluster: the API server",
      "and its clock, the control plane and its rights, the webhooks and their",
      "authority, pods without sidecars, ConfigMaps that are not applied. Each line",
      "that fails has a hint. It changes nothing.",
      "Exit 0 where nothing failed (warnings may be), 1 where something did, 2 for",
      "usage.",
      "",
      "  ./weft doctor",
      "  ./weft doctor --kubeconfig staging.kubeconfig --output json",
      ""
    })
public final class DoctorCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--kubeconfig",
      paramLabel = "PATH",
      description = "Which cluster, and as whom (default: KUBECONFIG, else as kubectl does).")
  private Optional<Path> kubeconfig = Optional.empty();

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      defaultValue = "weft-system",
      description = "Where the control plane is (default: ${DEFAULT-VALUE}).")
  private String namespace = "weft-system";

  @Option(
      names = "--control",
      paramLabel = "[ADDR:]PORT",
      description = {
        "The admin port of a control plane (its --admin),",
        "as kubectl port-forward opens it: which version",
        "each proxy runs, who refuses what, and what does",
        "not work, is told too. Again for each further",
        "replica: a proxy is connected to one of them."
      })
  private List<String> controls = List.of();

  @Option(
      names = "--output",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "How it is told (default: ${DEFAULT-VALUE}).")
  private Output output = Output.text;

  /** How it prints. */
  enum Output {
    text,
    json
  }

  @Override
  public Integer call() throws IOException {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    List<ControlAdmin> admins = controls.stream().distinct().map(at -> admin(line, at)).toList();
    Vertx vertx = Vertx.vertx();
    try (KubernetesApi api =
        kubeconfig.isPresent()
            ? KubernetesApi.connect(vertx, kubeconfig.get())
            : KubernetesApi.connect(vertx)) {
      Findings findings =
          new Examination(
                  new Cluster(api), new Rehearsal(api), namespace, admins, new SystemTicker())
              .findings();
      PrintWriter out = line.getOut();
      out.println(output == Output.json ? findings.json().encodePrettily() : findings.text());
      out.flush();
      return findings.failed() ? 1 : 0;
    } finally {
      vertx.close();
    }
  }

  private static ControlAdmin admin(CommandLine line, String at) {
    try {
      return new ControlAdmin(HostPort.parse(at, "127.0.0.1"));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line, "--control: " + e.getMessage());
    }
  }
}
