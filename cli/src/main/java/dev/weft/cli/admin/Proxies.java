package dev.weft.cli.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The proxies that a command asks: those of the ports that were named, and of a port where a
 * control plane answers all that listen to it, {@value #MOST} at most.
 *
 * @param all in the order of the ports and of {@code /proxies}
 * @param unheard why some are not asked, a sentence for each
 */
public record Proxies(List<One> all, List<String> unheard) {

  private static final int MOST = 500;
  private static final int AT_ONCE = 8;

  public Proxies {
    all = List.copyOf(all);
    unheard = List.copyOf(unheard);
  }

  /**
   * One of them.
   *
   * @param name for people: the address that was named, or who it proved to be
   * @param account {@code NAMESPACE/NAME}; empty where only its address is known
   * @param gateway whether it is known to be one
   * @param listed whether a control plane told of it: such a one may leave at any time
   */
  public record One(String name, String account, AdminPort port, boolean gateway, boolean listed) {}

  /** What is asked of one of them. */
  public interface Question<T> {

    /**
     * Asks.
     *
     * @throws IOException where nobody answers
     */
    T ask(AdminPort port) throws IOException, InterruptedException;
  }

  /** What is at each of the ports itself, a proxy or not. */
  static Proxies named(List<AdminPort> ports) {
    return new Proxies(ports.stream().map(Proxies::named).toList(), List.of());
  }

  private static One named(AdminPort port) {
    return new One(port.at().toString(), "", port, false, false);
  }

  /** Finds out who listens; a port where nobody answers is a proxy's until it is asked. */
  public static Proxies of(List<AdminPort> ports) throws InterruptedException {
    List<One> all = new ArrayList<>();
    List<String> unheard = new ArrayList<>();
    for (AdminPort port : ports) {
      Optional<JsonArray> listening =
          port.find("/proxies").map(told -> told.getJsonArray("proxies"));
      if (listening.isEmpty()) {
        all.add(named(port));
      } else {
        for (Object row : listening.get()) {
          listed(port, (JsonObject) row, all, unheard);
        }
      }
    }
    if (all.size() > MOST) {
      unheard.add((all.size() - MOST) + " more than " + MOST + " proxies");
    }
    return new Proxies(all.subList(0, Math.min(MOST, all.size())), unheard);
  }

  /**
   * What people call one of them: who it proved to be, and which of those it is.
   *
   * @param row of {@code /proxies}
   */
  public static String name(JsonObject row) {
    String which = which(row);
    return row.getString("identity") + (which.isEmpty() ? "" : " (" + which + ")");
  }

  /** Which it is of those that proved to be the same: its pod, or its address; empty without. */
  public static String which(JsonObject row) {
    return row.getString("pod", row.getString("address", ""));
  }

  private static void listed(AdminPort port, JsonObject row, List<One> all, List<String> unheard) {
    String name = name(row);
    if (row.getBoolean("heard", true)) {
      String account = row.getString("namespace") + "/" + row.getString("account");
      boolean gateway = row.getString("kind", "").equals("gateway");
      all.add(new One(name, account, port.proxy(row.getLong("stream")), gateway, true));
    } else {
      unheard.add(name + ": " + row.getString("silence", "it does not answer"));
    }
  }

  /**
   * What they answered.
   *
   * @param told by who it is, in their order
   * @param silent why others that were named are not among them, a sentence for each
   */
  public record Answers<T>(Map<One, T> told, List<String> silent) {
    public Answers {
      told = Collections.unmodifiableMap(new LinkedHashMap<>(told));
      silent = List.copyOf(silent);
    }

    /** The exit code of who asked them: 1 where one that was named is not among them. */
    public int code() {
      return silent.isEmpty() ? 0 : 1;
    }
  }

  /**
   * What they answer, eight at a time; who has left a control plane meanwhile is not among them.
   *
   * @throws IOException where some were named, and nobody answers
   */
  public <T> Answers<T> ask(Question<T> question) throws IOException, InterruptedException {
    ExecutorService asking =
        Executors.newFixedThreadPool(Math.max(1, Math.min(AT_ONCE, all.size())));
    try {
      Map<One, Future<T>> asked = new LinkedHashMap<>();
      for (One one : all) {
        Callable<T> call = () -> question.ask(one.port);
        asked.put(one, asking.submit(call));
      }
      Map<One, T> told = new LinkedHashMap<>();
      List<String> silent = new ArrayList<>();
      for (Map.Entry<One, Future<T>> each : asked.entrySet()) {
        try {
          told.put(each.getKey(), each.getValue().get());
        } catch (ExecutionException e) {
          why(each.getKey(), e).ifPresent(silent::add);
        }
      }
      if (told.isEmpty() && !silent.isEmpty()) {
        throw new IOException(String.join("; ", silent));
      }
      return new Answers<>(told, silent);
    } finally {
      asking.shutdownNow();
    }
  }

  private static Optional<String> why(One one, ExecutionException failed) {
    if (one.listed) {
      return Optional.empty();
    }
    if (failed.getCause() instanceof IOException nobody) {
      return Optional.of(String.valueOf(nobody.getMessage()));
    }
    return Optional.of(
        failed.getCause() instanceof IllegalArgumentException none
            ? String.valueOf(none.getMessage())
            : one.name + ": it cannot be asked");
  }
}
