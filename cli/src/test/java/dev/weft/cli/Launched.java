package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A command as its user types it, over the jars that the build just made. */
final class Launched implements AutoCloseable {

  static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  private final Process process;
  private final Path output;

  private Launched(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** How a command ended. */
  record Run(int code, String output) {}

  /**
   * @param folder for what it prints
   */
  static Launched weft(Path folder, Map<String, String> variables, String... arguments)
      throws IOException {
    List<String> line = new ArrayList<>(List.of(HOME.resolve("weft").toString()));
    line.addAll(List.of(arguments));
    Path output = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("WEFT_BUILD", "never");
    builder.environment().putAll(variables);
    return new Launched(builder.redirectOutput(output.toFile()).start(), output);
  }

  /** Waits for its end. */
  Run ended(int seconds) throws IOException, InterruptedException {
    assertThat(process.waitFor(seconds, TimeUnit.SECONDS)).as("ended in time: %s", said()).isTrue();
    return new Run(process.exitValue(), said());
  }

  /** Waits until it printed {@code word}, 60 s at most: one that begins there, not "already". */
  void says(String word) throws IOException, InterruptedException {
    Pattern wanted = Pattern.compile("\\b" + Pattern.quote(word));
    for (int i = 0; i < 600 && !wanted.matcher(said()).find() && process.isAlive(); i++) {
      process.waitFor(100, TimeUnit.MILLISECONDS);
    }
    assertThat(said()).containsPattern(wanted);
  }

  String said() throws IOException {
    return Files.readString(output);
  }

  /** As an operator ends it: SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** As an operator kills it: SIGKILL. */
  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  long pid() {
    return process.pid();
  }

  /** Processes that it started and those that they started. */
  Set<ProcessHandle> descendants() {
    return process.descendants().collect(Collectors.toSet());
  }

  @Override
  public void close() {
    kill();
  }
}
