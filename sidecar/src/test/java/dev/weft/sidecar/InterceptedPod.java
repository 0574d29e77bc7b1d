package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Tools;
import dev.weft.testkit.net.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A pod with a sidecar of its own process, as user 1337, and programs that know nothing of it. */
final class InterceptedPod implements AutoCloseable {

  /** The one that packages of the system are for. */
  static final String PYTHON =
      Files.isExecutable(Path.of("/usr/bin/python3")) ? "/usr/bin/python3" : "python3";

  private static final String TCPDUMP = "tcpdump";
  private static final int ATTEMPTS = 300;

  private final Pod pod;
  private final Path folder;
  private final List<Process> running = new ArrayList<>();
  private List<String> names = List.of(); // before a command that looks names up

  /**
   * @param folder for what programs print
   */
  InterceptedPod(Pod pod, Path folder) {
    this.pod = pod;
    this.folder = folder;
  }

  /** Writes the rules of {@code weft intercept}. */
  void install(String... flags) throws IOException {
    pod.run(java(Main.class, Stream.concat(Stream.of("intercept", "install"), Stream.of(flags))));
  }

  /**
   * From now on its sidecar and its programs look names up so.
   *
   * @param servers in place of {@code /etc/resolv.conf}, for these processes alone
   */
  void resolving(Path servers) {
    String script = "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"";
    names = List.of("sh", "-c", script, servers.toString());
  }

  /** Starts a sidecar with {@code --intercept} and waits until it is ready. */
  void sidecar(String... flags) throws Exception {
    sidecarAs("1337", flags);
  }

  void sidecarAs(String user, String... flags) throws Exception {
    Stream<String> line = Stream.concat(Stream.of("--intercept"), Stream.of(flags));
    List<String> command = List.of(proxy(Main.class, line));
    boolean marks = !Collections.disjoint(List.of(flags), List.of("TPROXY", "--proxy-mark"));
    String rights = marks ? ",+net_raw" : "";
    List<String> all = new ArrayList<>(names);
    all.addAll(Pod.as(user, rights, command));
    ready(start("sidecar", all.toArray(String[]::new)));
  }

  /** Starts a gateway and waits until it is ready. */
  void gateway(String... flags) throws Exception {
    ready(start("gateway", proxy(EdgeMain.class, Stream.of(flags))));
  }

  private static String[] proxy(Class<?> main, Stream<String> flags) {
    Stream<String> fixed = Stream.of("--threads", "2", "--warm-up", "0", "--access-log", "off");
    return java(main, Stream.concat(fixed, flags));
  }

  private void ready(Path said) throws Exception {
    for (int i = 0; i < ATTEMPTS; i++) {
      if (admin("/ready").startsWith("200 ")) {
        return;
      }
      assertThat(running.get(running.size() - 1).isAlive()).as(Files.readString(said)).isTrue();
    }
    throw new IllegalStateException("not ready: " + Files.readString(said));
  }

  /** Starts a program of {@code resources/programs} and waits until it listens. */
  Path serve(String program, String... arguments) throws Exception {
    Path said = start(program, python(program, arguments));
    listening(said);
    return said;
  }

  /** As {@link #serve}, for whoever wants to end it. */
  Process running(String program, String... arguments) throws Exception {
    listening(start(program, python(program, arguments)));
    return running.get(running.size() - 1);
  }

  private void listening(Path said) throws Exception {
    for (int i = 0; i < ATTEMPTS && !Files.readString(said).contains("listening"); i++) {
      Process last = running.get(running.size() - 1);
      assertThat(last.waitFor(100, TimeUnit.MILLISECONDS)).as(Files.readString(said)).isFalse();
    }
    assertThat(Files.readString(said)).contains("listening");
  }

  /** What a program prints to its end. */
  String run(String program, String... arguments) throws IOException {
    return program(python(program, arguments));
  }

  /** What any program prints to its end. */
  String program(String... command) throws IOException {
    return pod.run(looking(command)).strip();
  }

  private String[] looking(String... command) {
    return Stream.concat(names.stream(), Stream.of(command)).toArray(String[]::new);
  }

  /** As {@link #program}, once what it needs is there. */
  String eventually(String... command) throws Exception {
    for (int i = 0; i < ATTEMPTS; i++) {
      try {
        return program(command);
      } catch (IOException e) {
        assertThat(running.get(running.size() - 1).waitFor(100, TimeUnit.MILLISECONDS))
            .as(e.getMessage())
            .isFalse();
      }
    }
    return program(command);
  }

  /** Status, a space and the body of an answer; 000 where there is none. */
  String curl(String... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of("curl", "-s", "-m", "30", "-w", "\n%{http_code}"));
    line.addAll(List.of(arguments));
    String all =
        pod.run(
            looking(
                Stream.concat(Stream.of("sh", "-c", "\"$@\" || true", "sh"), line.stream())
                    .toArray(String[]::new)));
    int end = all.lastIndexOf('\n');
    return all.substring(end + 1) + " " + all.substring(0, end).strip();
  }

  String admin(String path) throws IOException {
    return curl("--retry", "0", "http://127.0.0.1:15000" + path);
  }

  /** A counter of the sidecar; 0 where it has none that begins so. */
  double metric(String start) throws IOException {
    return admin("/metrics")
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  double refused(String reason) throws IOException {
    return metric("weft_refusals_total{reason=\"" + reason + "\"}");
  }

  /** Whether it can tell of packets. */
  static boolean captures() {
    return Tools.installed(TCPDUMP);
  }

  /** All that a device of this pod carries from now on, packet by packet. */
  Path captured(String device) throws Exception {
    Path packets = folder.resolve(device + ".pcap");
    Path said =
        start(
            "tcpdump",
            TCPDUMP,
            "--immediate-mode",
            "-U",
            "-Z",
            "root",
            "-B",
            "16384",
            "-i",
            device,
            "-w",
            packets.toString(),
            "tcp");
    for (int i = 0; i < ATTEMPTS && !Files.readString(said).contains("listening on"); i++) {
      Process last = running.get(running.size() - 1);
      assertThat(last.waitFor(100, TimeUnit.MILLISECONDS)).as(Files.readString(said)).isFalse();
    }
    assertThat(Files.readString(said)).contains("listening on");
    return packets;
  }

  /** Starts any program. */
  Path start(String name, String... command) throws IOException {
    Path said = Files.createTempFile(folder, pod.name() + "-" + name, ".txt");
    running.add(
        new ProcessBuilder(pod.line(command))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start());
    return said;
  }

  static String[] python(String program, String... arguments) {
    Path file = Path.of("src/test/resources/programs", program + ".py").toAbsolutePath();
    return Stream.concat(Stream.of(PYTHON, "-u", file.toString()), Stream.of(arguments))
        .toArray(String[]::new);
  }

  static String[] java(Class<?> main, Stream<String> arguments) {
    Stream<String> command =
        Stream.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName());
    return Stream.concat(command, arguments).toArray(String[]::new);
  }

  @Override
  public void close() {
    running.forEach(Process::destroyForcibly);
  }
}
