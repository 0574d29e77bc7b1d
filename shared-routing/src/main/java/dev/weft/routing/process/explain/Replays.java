package dev.weft.routing.process.explain;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.history.ConfigHistory;
import dev.weft.config.history.ConfigHistory.Applied;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.WhyPage;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.snapshot.Redirection;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.snapshot.SnapshotStore;
import dev.weft.routing.telemetry.AccessEntry;
import dev.weft.routing.telemetry.AccessLine;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Decides again about requests that came: by the rules that served then, with the seed that was
 * drawn then, of which the access log keeps the last ones and each line of it holds a part. Says
 * whether that is what was logged, and what is not known. Any thread; an old version is read anew,
 * so that it may take a while.
 */
public final class Replays implements WhyPage.Answers {

  private static final Duration SLACK = Duration.ofSeconds(1); // from published to noted
  private static final String UNSETTLED = "unsettled";
  private static final String ANYWHERE = "allow-any"; // names of ways, as they are logged
  private static final String INSTANCE = "instance of ";

  private final Workload workload;
  private final SnapshotStore store;
  private final ConfigHistory history;
  private final Supplier<Map<String, List<String>>> addresses;
  private final Supplier<List<AccessLine.Entry>> past;

  /**
   * @param history of the configurations that served
   * @param addresses of names that were looked up, by name
   * @param past what ended last, oldest first
   */
  public Replays(
      Workload workload,
      SnapshotStore store,
      ConfigHistory history,
      Supplier<Map<String, List<String>>> addresses,
      Supplier<List<AccessLine.Entry>> past) {
    this.workload = workload;
    this.store = store;
    this.history = history;
    this.addresses = addresses;
    this.past = past;
  }

  @Override
  public Explanation ofId(String id) {
    List<AccessLine.Entry> all = past.get();
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no request is kept: none came, or the access log is off");
    }
    for (int i = all.size() - 1; i >= 0; i--) {
      if (all.get(i) instanceof AccessEntry entry
          && entry.requestId().filter(id::equals).isPresent()) {
        return told(Logged.of(entry));
      }
    }
    throw new IllegalArgumentException(
        "no request "
            + id
            + " among the last "
            + all.size()
            + " (weft why --log FILE replays an older one from its line in the access log)");
  }

  @Override
  public Explanation ofLine(JsonObject line, List<Map.Entry<String, String>> headers) {
    return told(Logged.of(line, headers));
  }

  private Explanation told(Logged logged) {
    Snapshot now =
        store
            .current()
            .orElseThrow(() -> new IllegalArgumentException("no configuration serves yet"));
    boolean passes = now.redirection().map(Redirection::passes).orElse(true);
    Unknown absent = passes ? Unknown.ALLOW_ANY : Unknown.REGISTRY_ONLY;
    MeshConfig config = config(now, logged);
    Explainer explainer = new Explainer(config, workload, addresses.get(), absent);
    JsonObject json =
        inbound(now, logged)
            ? explainer.delivered(logged.came(), logged.port())
            : explainer.replayed(logged.came(), now.explaining().edge());
    JsonArray unknown = unknown(json, logged);
    if (!unknown.isEmpty()) {
      json.put("unknown", unknown);
    }
    json.put("logged", logged.told());
    Optional<String> unsettled = unsettled(json, logged);
    unsettled.ifPresent(why -> json.put(UNSETTLED, why));
    if (unsettled.isEmpty()) {
      json.put("same", same(json, logged));
    }
    return Explainer.explained(json);
  }

  /** That of its version, if it is one of this run. */
  private MeshConfig config(Snapshot now, Logged logged) {
    long version = logged.version();
    Optional<Applied> kept = history.find(version);
    kept.map(Applied::at)
        .filter(since -> logged.at().plus(SLACK).isBefore(since))
        .ifPresent(since -> before(version, since));
    if (version == now.version()) {
      return now.config();
    }
    List<ConfigDocument> documents =
        kept.stream()
            .flatMap(one -> one.units().values().stream())
            .flatMap(source -> source.values().stream())
            .flatMap(List::stream)
            .distinct()
            .toList();
    if (documents.isEmpty()) {
      throw new IllegalArgumentException(
          "version "
              + version
              + " of the configuration, which served it, is not kept (weft config history lists"
              + " those that are; what is streamed is not kept)");
    }
    return ConfigLoader.load(documents).config();
  }

  private static void before(long version, Instant since) {
    throw new IllegalArgumentException(
        "it came before version "
            + version
            + " of this run served ("
            + since
            + "): what it was decided by is not known any more");
  }

  private static boolean inbound(Snapshot now, Logged logged) {
    return !now.explaining().edge()
        && (logged.route().startsWith(Explainer.INBOUND)
            || now.inbound().containsKey(logged.came().caller().localPort())
            || logged.came().caller().principal().isPresent());
  }

  /** What tried rules look at and the line does not have. */
  private static JsonArray unknown(JsonObject json, Logged logged) {
    TreeSet<String> names = new TreeSet<>();
    if (!logged.whole()) {
      json.getJsonArray("looked_at", new JsonArray()).stream()
          .map(String::valueOf)
          .filter(name -> !logged.knows(name))
          .forEach(names::add);
    }
    json.remove("looked_at");
    return new JsonArray(List.copyOf(names));
  }

  /** Why what is decided now says nothing about what was logged; empty where it does. */
  private static Optional<String> unsettled(JsonObject json, Logged logged) {
    Optional<String> early = logged.early();
    if (early.isPresent()) {
      return early.map(cause -> "it was refused before its rules were asked: " + cause);
    }
    boolean none = json.getString("route").equals("-");
    if (none && logged.came().caller().destination().isPresent()) {
      return Optional.of("where its connection was going decided by which rules it went");
    }
    if (logged.route().equals(ANYWHERE) || logged.route().startsWith(INSTANCE)) {
      return Optional.of("it went by its address, for which there are no rules");
    }
    JsonArray unknown = json.getJsonArray("unknown", new JsonArray());
    return unknown.isEmpty() || same(json, logged)
        ? Optional.empty()
        : Optional.of(
            "rules look at what the line does not have; -H 'NAME: VALUE' tells a header"
                + (unknown.stream().anyMatch(one -> String.valueOf(one).startsWith("claim "))
                    ? ", and a token's claims are on no line"
                    : ""));
  }

  private static boolean same(JsonObject json, Logged logged) {
    boolean in = json.getJsonObject("admission", new JsonObject()).getBoolean("allowed", true);
    if (json.getString("route").equals(Explainer.INBOUND)) {
      return in == logged.route().startsWith(Explainer.INBOUND);
    }
    String route = in ? json.getString("route") : "-";
    String cluster = in ? json.getString("drawn", "-") : "-";
    return route.equals(logged.route())
        && cluster.equals(logged.cluster())
        && (!in || faulted(json.getJsonObject("drawn_fault", new JsonObject()), logged.cause()));
  }

  /**
   * Whether the draw of an abort fits: what was not aborted though it was drawn was refused for
   * another cause before its faults came about.
   */
  private static boolean faulted(JsonObject drawn, String cause) {
    boolean aborts =
        drawn.containsKey(RouteFacts.ABORT) || drawn.containsKey(RouteFacts.ABORT_GRPC);
    return aborts ? !cause.isEmpty() : !cause.equals(Cause.FAULT_INJECTED.word());
  }
}
