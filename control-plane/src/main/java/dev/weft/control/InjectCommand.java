package dev.weft.control;

import dev.weft.control.inject.InjectedText;
import dev.weft.control.inject.Injector;
import dev.weft.routing.identity.SpiffeId;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weft inject}: sidecars for pods, offline. */
@Command(
    name = "inject",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints resources of Kubernetes with sidecars put into their pods, as the",
      "webhook of ./weft control does it: Pod, Deployment, StatefulSet, DaemonSet,",
      "ReplicaSet, Job, CronJob. Everything else comes out as it went in, and so does",
      "what has a sidecar, or wants none.",
      "Exit 0 with warnings on standard error, 1 where a pod is refused, and then",
      "nothing is printed.",
      "",
      "  ./weft inject -f deployment.yaml | kubectl apply -f -",
      ""
    })
public final class InjectCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      required = true,
      description = "A file of YAML or JSON, - for standard input; repeatable.")
  private List<String> files = List.of();

  @Option(
      names = "--trust-domain",
      paramLabel = "NAME",
      defaultValue = "cluster.local",
      description = "Trust domain of the mesh (default: ${DEFAULT-VALUE}).")
  private String trustDomain = "cluster.local";

  @Mixin private InjectOptions inject = new InjectOptions();

  private final InputStream in;

  /** Reads standard input where a file is {@code -}. */
  public InjectCommand() {
    this(System.in);
  }

  InjectCommand(InputStream in) {
    this.in = in;
  }

  @Override
  public Integer call() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    if (SpiffeId.parse(SpiffeId.control(trustDomain).toString()).isEmpty()) {
      throw new ParameterException(
          line, "--trust-domain " + trustDomain + " (expected: lower-case letters, digits, . - _)");
    }
    Injector injector = new Injector(inject.settings(trustDomain));
    StringBuilder written = new StringBuilder();
    boolean refused = false;
    PrintWriter err = line.getErr();
    for (String file : files) {
      InjectedText text = new InjectedText(injector, file.equals("-") ? "standard input" : file);
      String result = text.of(read(line, file));
      if (!written.isEmpty() && !result.startsWith("---")) {
        written.append("---\n");
      }
      written.append(result);
      text.warnings().forEach(one -> err.println("warning: " + one));
      text.faults().forEach(one -> err.println("error: " + one));
      refused |= !text.faults().isEmpty();
    }
    err.flush();
    if (!refused) {
      line.getOut().print(written);
      line.getOut().flush();
    }
    return refused ? 1 : 0;
  }

  private String read(CommandLine line, String file) {
    try {
      return file.equals("-")
          ? new String(in.readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new ParameterException(line, "-f " + file + " cannot be read: " + e.getMessage());
    }
  }
}
