package dev.weft.routing.admin.canary;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.ConfigHistory;
import dev.weft.config.history.ConfigHistory.Applied;
import dev.weft.config.history.RuleWeights;
import dev.weft.config.history.SourceEdit;
import dev.weft.config.history.SourceWriter;
import dev.weft.routing.admin.AdminSource;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.Parameters;
import dev.weft.routing.admin.Replies;
import dev.weft.routing.admin.canary.MeasuredShares.Since;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Rules that divide their requests by weight: what each share gets, and how to change the weights
 * where they are written. Pages for an admin port: {@code GET /canary}, {@code POST
 * /config/weights?rule=&from=&to=}.
 */
public final class CanaryPages {

  private static final String SEPARATOR = ",";
  private static final Pattern NUMBERS = Pattern.compile("-?\\d{1,8}(?:,-?\\d{1,8}){0,99}");
  private static final String VERSION = "version";
  private static final String UNKNOWN = "unknown";
  private static final String FIRST = "1"; // version of a configuration

  private final Vertx vertx;
  private final Ticker ticker;
  private final AdminSource admin;
  private final Supplier<Map<String, Map<String, Count>>> counts;
  private final Configured configured;
  private final MeasuredShares measured = new MeasuredShares();
  private final RuleTexts texts = new RuleTexts();
  private volatile String seen = ""; // version that was looked at last

  /**
   * Where weights are written.
   *
   * @param history whose newest version serves
   * @param editing makes an edit
   * @param writers of a source; one that has none is changed elsewhere
   */
  public record Configured(
      ConfigHistory history, Editing editing, Function<String, Optional<SourceWriter>> writers) {}

  /** Whoever serves a configuration. */
  public interface Editing {
    /**
     * Makes an edit, written and served.
     *
     * @param cause for the history
     * @return fails as {@link SourceEdit#on} does
     */
    Future<Void> edit(SourceEdit edit, String cause);
  }

  /** Where a rule's weights stand. */
  private record Found(String source, ConfigDocument document, RuleWeights weights) {}

  /**
   * @param counts requests so far, by rule and cluster
   */
  public CanaryPages(
      Vertx vertx,
      Ticker ticker,
      AdminSource admin,
      Supplier<Map<String, Map<String, Count>>> counts,
      Configured configured) {
    this.vertx = vertx;
    this.ticker = ticker;
    this.admin = admin;
    this.counts = counts;
    this.configured = configured;
  }

  /** Behind whatever guard the router has: it changes what serves. */
  public void mount(Router router) {
    router
        .get("/canary")
        .handler(context -> answer(context, vertx.executeBlocking(this::told, false)));
    router
        .post("/config/weights")
        .handler(
            context -> answer(context, Future.succeededFuture().compose(now -> weighed(context))));
  }

  /** Notices that weights are others; every ten seconds, on a worker. */
  public void step() {
    String version = admin.config().version();
    if (version.equals(seen)) {
      return; // other weights are another version
    }
    seen = version;
    look(rules());
    texts.retain(
        configured.history.current().map(Applied::units).orElse(Map.of()).values().stream()
            .flatMap(units -> units.values().stream())
            .flatMap(List::stream)
            .toList());
  }

  private List<AdminView.Route> rules() {
    Map<String, AdminView.Route> all = new LinkedHashMap<>(); // one may stand in several tables
    admin.routes().stream()
        .filter(rule -> rule.shares().size() > 1)
        .forEach(rule -> all.putIfAbsent(rule.name(), rule));
    return List.copyOf(all.values());
  }

  private Map<String, Since> look(List<AdminView.Route> rules) {
    AdminView.Config config = admin.config();
    boolean only = config.version().equals(FIRST);
    long at = only ? config.applied().toEpochMilli() : ticker.epochMillis();
    return measured.looked(rules, counts.get(), at, only);
  }

  private JsonObject told() {
    List<AdminView.Route> rules = rules();
    Map<String, Since> since = look(rules);
    Map<String, Map<String, Count>> now = counts.get();
    Map<String, List<String>> versions = versions();
    JsonArray all = new JsonArray();
    for (AdminView.Route rule : rules) {
      Since begun = since.getOrDefault(rule.name(), new Since(rule.shares(), 0, Map.of()));
      JsonArray shares = new JsonArray();
      for (AdminView.Share share : rule.shares()) {
        Count got = begun.of(share.cluster(), now.getOrDefault(rule.name(), Map.of()));
        shares.add(
            new JsonObject()
                .put("cluster", share.cluster())
                .put("weight", share.weight())
                .put("versions", new JsonArray(versions.getOrDefault(share.cluster(), List.of())))
                .put("requests", got.requests())
                .put("failed", got.failed()));
      }
      JsonObject one =
          new JsonObject()
              .put("rule", rule.name())
              .put("hosts", new JsonArray(rule.hosts()))
              .put("place", rule.place())
              .put("since", Instant.ofEpochMilli(begun.at()).toString())
              .put("shares", shares);
      all.add(written(one, rule));
    }
    return new JsonObject().put("rules", all);
  }

  /** With where it is written, and whether it can be changed there. */
  private JsonObject written(JsonObject one, AdminView.Route rule) {
    Optional<Found> found = found(rule);
    found.ifPresent(
        there ->
            one.put("source", there.source)
                .put("resource", there.weights.resource())
                .put("paths", new JsonArray(there.weights.paths())));
    Optional<String> why = readOnly(found);
    one.put("writable", why.isEmpty());
    why.ifPresent(text -> one.put("why", text));
    return one;
  }

  /** Labels of the endpoints that a cluster has. */
  private Map<String, List<String>> versions() {
    Map<String, List<String>> all = new HashMap<>();
    for (AdminView.Cluster cluster : admin.clusters()) {
      all.put(
          cluster.name(),
          cluster.endpoints().stream()
              .map(endpoint -> endpoint.labels().getOrDefault(VERSION, UNKNOWN))
              .distinct()
              .sorted()
              .toList());
    }
    return all;
  }

  private Optional<Found> found(AdminView.Route rule) {
    Optional<Applied> serving = configured.history.current();
    for (Map.Entry<String, Map<String, List<ConfigDocument>>> source :
        serving.map(Applied::units).orElse(Map.of()).entrySet()) {
      for (List<ConfigDocument> documents : source.getValue().values()) {
        for (ConfigDocument document : documents) {
          if (rule.place().startsWith(document.name() + ":")) {
            Optional<RuleWeights> there =
                Optional.ofNullable(texts.rules(document).get(rule.place()));
            if (there.isPresent()) {
              return there.map(weights -> new Found(source.getKey(), document, weights));
            }
          }
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> readOnly(Optional<Found> found) {
    if (found.isEmpty()) {
      return Optional.of(
          "its text is not here: change it where the control plane, or who else serves it, reads it");
    }
    String source = found.get().source;
    return configured.writers.apply(source).isEmpty()
        ? Optional.of(
            "of " + source + ", whose resources are changed where they stand, as with kubectl")
        : found.get().weights.fixed();
  }

  private Future<JsonObject> weighed(RoutingContext context) {
    String name = Parameters.text(context, "rule").orElse("");
    List<Integer> from = numbers(context, "from");
    List<Integer> to = numbers(context, "to");
    String who = context.request().remoteAddress().hostAddress();
    return vertx
        .executeBlocking(() -> edit(name, from, to), false)
        .compose(
            edit ->
                configured
                    .editing
                    .edit(
                        edit,
                        "weights of "
                            + name
                            + ": "
                            + from
                            + " to "
                            + to
                            + ", asked for from "
                            + who)
                    .map(done -> edit.source()))
        .compose(source -> vertx.executeBlocking(() -> done(source), false));
  }

  private JsonObject done(String source) {
    step();
    return new JsonObject()
        .put("version", configured.history.current().map(Applied::version).orElse(0L))
        .put(
            "sources",
            new JsonArray().add(new JsonObject().put("source", source).put("written", true)));
  }

  private SourceEdit edit(String name, List<Integer> from, List<Integer> to) {
    AdminView.Route rule =
        rules().stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "rule: '" + name + "' divides nothing now (/canary lists those that do)"));
    Optional<Found> found = found(rule);
    readOnly(found)
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(why);
            });
    Found there = found.orElseThrow();
    List<Integer> now = there.weights.values();
    if (!now.equals(from)) {
      throw new IllegalArgumentException(
          "weights of " + name + " are " + now + " by now, not " + from + ": look again");
    }
    if (now.equals(to)) {
      throw new IllegalArgumentException("weights of " + name + " are " + now + " already");
    }
    return new SourceEdit(
        there.source,
        there.document,
        there.weights.with(to),
        configured.writers.apply(there.source).orElseThrow());
  }

  private static List<Integer> numbers(RoutingContext context, String name) {
    String text = Parameters.text(context, name).orElse("");
    if (!NUMBERS.matcher(text).matches()) {
      throw new IllegalArgumentException(
          name + ": '" + text + "' (expected: a weight for each destination, as in 80,20)");
    }
    return Arrays.stream(text.split(SEPARATOR, -1)).map(Integer::valueOf).toList();
  }

  private static void answer(RoutingContext context, Future<JsonObject> answer) {
    answer
        .onSuccess(json -> Replies.json(context, 200, json))
        .onFailure(
            wrong -> {
              if (wrong instanceof IllegalArgumentException) {
                Replies.error(context, 400, String.valueOf(wrong.getMessage()));
              } else if (wrong instanceof IOException) {
                Replies.error(context, 409, "not written: " + wrong.getMessage());
              } else {
                context.fail(wrong);
              }
            });
  }
}
