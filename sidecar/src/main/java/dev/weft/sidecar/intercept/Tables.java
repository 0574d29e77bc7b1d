package dev.weft.sidecar.intercept;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The kernel's nat tables, by the machine's own {@code iptables-save} and {@code iptables-restore}.
 * A command that takes longer than half a minute is ended.
 */
final class Tables {

  private static final long LIMIT_SECONDS = 30;
  private static final int TOLD = 3; // lines of a failure

  private static final String WAIT_SECONDS = "10"; // while another program changes the tables

  /** What is in the table of ours. */
  Present read(Family family) throws IOException {
    return Present.of(run(List.of(family.tool() + "-save", "-t", "nat"), "").stream());
  }

  /** Does all that {@code rules} say, or nothing. */
  void write(Family family, String rules) throws IOException {
    run(List.of(family.tool() + "-restore", "--noflush", "-w", WAIT_SECONDS), rules);
  }

  /** Fails where {@link #write} would. */
  void test(Family family, String rules) throws IOException {
    run(List.of(family.tool() + "-restore", "--noflush", "--test", "-w", WAIT_SECONDS), rules);
  }

  /** The lines that are of us; a machine may have a hundred thousand others. */
  private static List<String> run(List<String> command, String input) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IOException(
          command.get(0) + " cannot be started (Debian: apt install iptables): " + e.getMessage(),
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
        if (line.contains(Rules.PREFIX)) {
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
