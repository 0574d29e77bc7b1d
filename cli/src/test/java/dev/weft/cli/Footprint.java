package dev.weft.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a process of this machine holds, as the kernel and its JVM tell.
 *
 * @param residentKib in memory
 * @param files open
 * @param liveKib of the heap, after a collection
 */
record Footprint(long residentKib, long files, long threads, long liveKib) {

  private static final int PATIENCE_SECONDS = 30;

  /** What only the kernel knows: the JVM is left alone, its live heap is told as 0. */
  static Footprint outside(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    List<String> status = Files.readAllLines(process.resolve("status"));
    try (Stream<Path> open = Files.list(process.resolve("fd"))) {
      return new Footprint(number(status, "VmRSS:"), open.count(), number(status, "Threads:"), 0);
    }
  }

  /** With the live heap, which takes a collection. */
  static Footprint of(long pid) throws IOException, InterruptedException {
    long live = live(pid);
    Footprint rest = outside(pid);
    return new Footprint(rest.residentKib, rest.files, rest.threads, live);
  }

  private static long number(List<String> status, String name) {
    String line = status.stream().filter(one -> one.startsWith(name)).findFirst().orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", ""));
  }

  private static long live(long pid) throws IOException, InterruptedException {
    String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process asked =
        new ProcessBuilder(tool, Long.toString(pid), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String told = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!asked.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      asked.destroyForcibly();
    }
    String total =
        told.lines()
            .filter(line -> line.startsWith("Total"))
            .findFirst()
            .orElseThrow(
                () -> new IOException("jcmd: " + told.lines().findFirst().orElse("nothing")));
    return Long.parseLong(total.strip().split("\\s+", -1)[2]) / 1024;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d KiB resident, %d KiB live, %d files, %d threads",
        residentKib,
        liveKib,
        files,
        threads);
  }
}
