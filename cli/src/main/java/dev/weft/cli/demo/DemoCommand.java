package dev.weft.cli.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
      "A whole mesh of separate processes on this machine: control plane, gateway,",
      "two versions of a search service behind sidecars, a caller; traffic",
      "north-south and east-west, and a live table of the split. Ctrl-C ends it all.",
      "--once plays a scenario instead, checks each expectation and exits 0 or 1.",
      "",
      "  ./weft demo",
      "  ./weft demo --once",
      ""
    })
public final class DemoCommand implements Callable<Integer> {

  private static final int RATE = 100;
  private static final int SECONDS = 2;
  private static final String HOME_AND_CLEAR = "\033[H\033[J"; // ECMA-48

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
    DemoMesh mesh = new DemoMesh(home, work);
    AtomicBoolean keep = new AtomicBoolean(once);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> end(mesh, work, keep.get(), out), "weft-demo-end"));
    out.println("weft: starting a mesh of 12 processes in " + work + " ...");
    out.flush();
    long began = System.nanoTime();
    try {
      mesh.start();
    } catch (IOException failed) {
      if (mesh.ended()) {
        return 1; // by Ctrl-C, which needs no explanation
      }
      keep.set(true); // its logs tell why
      throw failed;
    }
    out.printf(
        "weft: %d processes ready after %.1f s%n",
        mesh.running(), (System.nanoTime() - began) / 1e9);
    out.flush();
    if (!once) {
      return table(mesh, out);
    }
    int code = new DemoScenario(mesh, new Expectations(out)).play();
    keep.set(code != 0);
    return code;
  }

  /** However the command ends, Ctrl-C included: no process stays, and no key of a good run. */
  private static void end(DemoMesh mesh, Path work, boolean keep, PrintWriter out) {
    mesh.close();
    try {
      remove(work, keep ? List.of(mesh.logs(), mesh.config().folder()) : List.of());
      out.println(
          "weft: all processes have ended" + (keep ? "; their logs are in " + mesh.logs() : ""));
    } catch (IOException e) {
      out.println("weft: " + work + " cannot be removed: " + e.getMessage());
    }
    out.flush();
  }

  /** Removes a run's folder, keys and tokens among it, but for what tells why it failed. */
  private static void remove(Path work, List<Path> but) throws IOException {
    try (Stream<Path> all = Files.walk(work)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        boolean stays = but.stream().anyMatch(one -> path.startsWith(one) || one.startsWith(path));
        if (!stays) {
          Files.delete(path);
        }
      }
    }
  }

  private static int table(DemoMesh mesh, PrintWriter out) throws InterruptedException {
    boolean screen = // as the launcher saw it; the JVM has no word for it that all versions share
        System.getenv("WEFT_TERMINAL") != null && !"dumb".equals(System.getenv("TERM"));
    DemoTable table = new DemoTable();
    hints(mesh, out);
    try (DemoTraffic northSouth = new DemoTraffic(mesh.gatewayPort(), DemoConfig.HOST, RATE);
        DemoTraffic eastWest = new DemoTraffic(mesh.callerPort(), "caller", RATE)) {
      while (northSouth.running() && eastWest.running()) {
        TimeUnit.SECONDS.sleep(SECONDS);
        Map<String, String> metrics = new TreeMap<>();
        for (Map.Entry<String, Integer> proxy : mesh.admin().entrySet()) {
          metrics.put(proxy.getKey(), mesh.get(proxy.getValue(), "/metrics"));
        }
        List<String> lines = table.lines(metrics, SECONDS);
        if (screen) {
          out.print(HOME_AND_CLEAR);
          hints(mesh, out);
        }
        out.println();
        lines.forEach(out::println);
        out.println(
            "failed: " + northSouth.failed() + " north-south, " + eastWest.failed() + " east-west");
        out.flush();
      }
    }
    return 0;
  }

  private static void hints(DemoMesh mesh, PrintWriter out) {
    out.println();
    out.println("A mesh of " + mesh.running() + " processes; Ctrl-C ends it. In another terminal:");
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
            + "/clusters  (/ lists all pages)");
    out.println(
        "  look at all in a browser:    http://127.0.0.1:"
            + mesh.controlAdmin()
            + "/dashboard/  (the gateway alone: http://127.0.0.1:"
            + mesh.admin().getOrDefault("gateway", 0)
            + "/dashboard/)");
    out.println("  what does each proxy run?    ./weft status --admin " + mesh.controlAdmin());
    out.println(
        "  who asks whom, how well?     ./weft top --admin "
            + mesh.controlAdmin()
            + "  (likewise edges, tap, why REQUEST-ID)");
    out.println(
        "  why did it go there?         ./weft explain --admin 127.0.0.1:"
            + mesh.admin().getOrDefault("gateway", 0)
            + " GET http://"
            + DemoConfig.HOST
            + "/find");
    out.flush();
  }
}
