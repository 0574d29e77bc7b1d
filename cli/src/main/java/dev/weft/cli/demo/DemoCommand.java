package dev.weft.cli.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weft demo}: a whole mesh on this machine, with traffic and a live table. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "A whole mesh of separate processes on this machine: control plane, gateway, two versions",
      "of a search service behind sidecars, a caller; traffic north-south and east-west, and a",
      "live table of the split. Ctrl-C ends all of it.",
      "--once plays a scenario instead, checks each expectation and exits 0 or 1."
    })
public final class DemoCommand implements Callable<Integer> {

  private static final int RATE = 100;
  private static final int SECONDS = 2;

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--once", description = "Play the scenario, check it, exit.")
  private boolean once;

  @Override
  public Integer call() throws IOException, InterruptedException {
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Path home =
        Path.of(
            Optional.ofNullable(System.getenv("WEFT_HOME"))
                .orElseThrow(() -> new IOException("start it as ./weft demo")));
    Path work = Files.createTempDirectory("weft-demo-");
    out.println("weft: starting a mesh of 12 processes in " + work + " ...");
    out.flush();
    long began = System.nanoTime();
    DemoMesh mesh = new DemoMesh(home, work);
    Thread end = new Thread(mesh::close, "weft-demo-end");
    Runtime.getRuntime().addShutdownHook(end);
    mesh.start();
    out.printf(
        "weft: %d processes ready after %.1f s%n",
        mesh.running(), (System.nanoTime() - began) / 1e9);
    out.flush();
    if (!once) {
      return table(mesh, out);
    }
    int code = scenario(mesh, out);
    mesh.close();
    if (code == 0) {
      remove(work);
    }
    return code;
  }

  /** Keys and tokens among it: nothing of a run that went well stays. */
  private static void remove(Path work) throws IOException {
    try (Stream<Path> all = Files.walk(work)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static int scenario(DemoMesh mesh, PrintWriter out)
      throws IOException, InterruptedException {
    int failed = new DemoScenario(mesh, out).play();
    out.println(failed == 0 ? "all expectations met" : failed + " expectations not met");
    out.flush();
    return failed == 0 ? 0 : 1;
  }

  private static int table(DemoMesh mesh, PrintWriter out) throws InterruptedException {
    hints(mesh, out);
    DemoTable table = new DemoTable();
    try (DemoTraffic northSouth = new DemoTraffic(mesh.gatewayPort(), DemoConfig.HOST, RATE);
        DemoTraffic eastWest = new DemoTraffic(mesh.callerPort(), "caller", RATE)) {
      while (northSouth.running() && eastWest.running()) {
        TimeUnit.SECONDS.sleep(SECONDS);
        List<String> metrics = new ArrayList<>();
        for (int port : mesh.admin().values()) {
          metrics.add(mesh.get(port, "/metrics"));
        }
        out.println();
        table.lines(metrics, SECONDS).forEach(out::println);
        out.println(
            "failed: " + northSouth.failed() + " north-south, " + eastWest.failed() + " east-west");
        out.flush();
      }
    }
    return 0;
  }

  private static void hints(DemoMesh mesh, PrintWriter out) {
    out.println();
    out.println("Try, in another terminal:");
    out.println(
        "  edit the weights and watch:  " + mesh.config().folder() + "/virtualservice.yaml");
    out.println(
        "  ask the gateway yourself:    curl -H 'host: "
            + DemoConfig.HOST
            + "' http://127.0.0.1:"
            + mesh.gatewayPort()
            + "/find");
    out.println(
        "  see what it knows:           curl http://127.0.0.1:"
            + mesh.admin().getOrDefault("gateway", 0)
            + "/clusters");
    out.println(
        "  why did it go there?         ./weft explain --config dir:"
            + mesh.config().folder()
            + " GET http://"
            + DemoConfig.HOST
            + "/find");
    out.flush();
  }
}
