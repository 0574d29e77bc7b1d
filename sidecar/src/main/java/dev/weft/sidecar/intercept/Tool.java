package dev.weft.sidecar.intercept;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The machine's own commands. One that takes longer than half a minute is ended. */
final class Tool {

  private static final long LIMIT_SECONDS = 30;
  private static final int TOLD = 3; // lines of a failure
  private static final Map<String, String> PACKAGES = Map.of("ip", "iproute2");

  private Tool() {}

  /**
   * Runs a command with {@code input}.
   *
   * @return the lines that contain {@code wanted}; a machine may have a hundred thousand others
   * @throws IOException where it cannot be started, fails, or takes too long
   */
  static List<String> run(List<String> command, String input, String wanted) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IOException(
          command.get(0)
              + " cannot be started (Debian: apt install "
              + PACKAGES.getOrDefault(command.get(0), "iptables")
              + "): "
              + e.getMessage(),
          e);
    }
    Executor late = CompletableFuture.delayedExecutor(LIMIT_SECONDS, TimeUnit.SECONDS);
    CompletableFuture<Void> watch =
        CompletableFuture.runAsync(() -> process.destroyForcibly(), late);
    List<String> ours = new ArrayList<>();
    Deque<String> last = new ArrayDeque<>();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      send(process, input);
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.contains(wanted)) {
          ours.add(line);
        }
        last.addLast(line);
        if (last.size() > TOLD) {
          last.removeFirst();
        }
      }
      int code = process.waitFor();
      if (code != 0) {
        throw failed(command.get(0), code, watch.isDone(), last);
      }
      return ours;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(command.get(0) + " was interrupted", e);
    } finally {
      watch.cancel(false);
      process.destroyForcibly();
    }
  }

  /** What it says tells more than that it did not listen. */
  private static void send(Process process, String input) {
    try (OutputStream out = process.getOutputStream()) {
      out.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      process.destroy();
    }
  }

  private static IOException failed(String tool, int code, boolean late, Deque<String> last) {
    if (late) {
      return new IOException(tool + " did not end within " + LIMIT_SECONDS + " s");
    }
    String said = String.join("; ", last).strip();
    boolean denied = said.contains("Permission denied") || said.contains("Operation not permitted");
    return new IOException(
        tool
            + " failed (exit "
            + code
            + "): "
            + said
            + (denied ? "\n  hint: run it as root, or with CAP_NET_ADMIN and CAP_NET_RAW" : ""));
  }
}
