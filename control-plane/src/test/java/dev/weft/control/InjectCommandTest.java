package dev.weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class InjectCommandTest {

  private static final String SERVICE =
      """
      # of the shop
      apiVersion: v1
      kind: Service
      metadata: {name: search} # stays
      """;
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: search}
      spec:
        containers:
        - name: app
          image: a
          args: [yes, "yes", 0644, "010", "a\\nb: # é"]
          securityContext: {runAsUser: 0755}
      """;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  @Test
  void documentsWithoutPodsComeOutAsTheyWentIn() throws IOException {
    assertThat(inject(SERVICE + "---\n" + POD + "---\n" + SERVICE)).isZero();

    assertThat(out.toString()).startsWith(SERVICE + "---\n").endsWith("---\n" + SERVICE);
    assertThat(out.toString()).contains("weft-proxy");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void valuesMeanToTheApiServerWhatTheyMeantBefore() throws IOException {
    assertThat(inject(POD)).isZero();

    assertThat(out.toString()).contains("- true\n", "- \"yes\"\n", "- 420\n", "- \"010\"\n");
    assertThat(out.toString()).contains("- \"a\\nb: # \u00e9\"\n", "runAsUser: 493\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})
  void templatesAreInjectedOnce(String kind) throws IOException {
    String text =
        "kind: "
            + kind
            + "\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: b}]}}}";

    assertThat(inject(text)).isZero();
    String once = out.toString();
    out.getBuffer().setLength(0);
    assertThat(inject(once)).isZero();

    assertThat(once).contains("weft-proxy", "weft.dev/injected: \"true\"");
    assertThat(out.toString()).isEqualTo(once);
  }

  @Test
  void cronJobsAndListsAreLookedInto() throws IOException {
    assertThat(
            inject(
                """
                kind: List
                items:
                - kind: ConfigMap
                - kind: CronJob
                  spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: b}]}}}}}
                """))
        .isZero();

    assertThat(out.toString()).containsOnlyOnce("name: weft-proxy").contains("kind: ConfigMap");
  }

  @Test
  void whatWantsNoneStaysAsItIs() throws IOException {
    String out1 =
        POD.replace("{name: search}", "{name: search, labels: {weft.dev/inject: disabled}}");
    String out2 = POD.replace("spec:", "spec:\n  hostNetwork: true");

    assertThat(inject(out1 + "---\n" + out2)).isZero();

    assertThat(out.toString()).isEqualTo(out1 + "---\n" + out2);
  }

  @Test
  void faultsAreToldWithTheirPlaceAndNothingIsPrinted() throws IOException {
    String bad =
        POD.replace(
            "{name: search}", "{name: search, annotations: {weft.dev/exclude-inbound-ports: 'x'}}");

    assertThat(inject(SERVICE + "---\n" + bad)).isEqualTo(1);

    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .isEqualTo(
            "error: "
                + folder.resolve("a.yaml")
                + ":6: Pod search: annotation weft.dev/exclude-inbound-ports: 'x' (expected: ports,"
                + " 1 to 65535, with commas between); for example 15020,8000-8010\n");
  }

  @Test
  void brokenYamlIsToldAtItsLine() throws IOException {
    assertThat(inject(SERVICE + "---\nkind: [\n")).isEqualTo(1);

    assertThat(err.toString()).startsWith("error: " + folder.resolve("a.yaml") + ":");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void standardInputIsRead() {
    InjectCommand command =
        new InjectCommand(new ByteArrayInputStream(POD.getBytes(StandardCharsets.UTF_8)));

    assertThat(run(command, "-f", "-", "--native-sidecar=false", "--sidecar-image", "mine:2"))
        .isZero();

    assertThat(out.toString()).contains("image: \"mine:2\"").doesNotContain("restartPolicy");
  }

  @Test
  void aFileThatIsNotThereIsAUsageError() {
    assertThat(run(new InjectCommand(), "-f", folder.resolve("b").toString())).isEqualTo(2);
    assertThat(err.toString()).contains("-f " + folder.resolve("b") + " cannot be read");
  }

  private int inject(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("a.yaml"), text);
    return run(new InjectCommand(), "-f", file.toString());
  }

  private int run(InjectCommand command, String... arguments) {
    CommandLine line = new CommandLine(command);
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(arguments);
  }
}
