package dev.weft.routing.admin.canary;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.ConfigHistory;
import dev.weft.config.history.ConfigHistory.Applied;
import dev.weft.config.history.RuleWeights;
import dev.weft.config.history.SourceEdit;
import dev.weft.config.history.SourceWriter;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.Parameters;
import dev.weft.routing.admin.Replies;
import dev.weft.routing.admin.canary.Dividing.Measured;
import dev.weft.routing.admin.canary.Dividing.Part;
import dev.weft.routing.admin.history.Asker;
import dev.weft.routing.admin.history.Changing;
import dev.weft.routing.discovery.standing.PlainLine;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rules that divide their requests by weight: what each share gets, and how to change the weights
 * where they are written. Pages for an admin port: {@code GET /canary}, {@code POST
 * /config/weights?rule=&from=&to=}.
 */
public final class CanaryPages {

  private static final String SEPARATOR = ",";
  private static final Pattern NUMBERS = Pattern.compile("-?\\d{1,8}(?:,-?\\d{1,8}){0,99}");
  private static final int MOST_WORDS = 500; // of what was asked for, in the log
  private static final Logger LOG = LoggerFactory.getLogger(CanaryPages.class);

  private final Vertx vertx;
  private final Dividing dividing;
  private final Configured configured;
  private final RuleTexts texts = new RuleTexts();
  private volatile long seen = -1; // version that was looked at last

  /**
   * Where weights are written.
   *
   * @param history whose newest version serves
   * @param changing makes an edit
   * @param writers of a source; one that has none is changed elsewhere
   */
  public record Configured(
      ConfigHistory history, Changing changing, Function<String, Optional<SourceWriter>> writers) {}

  /** Where a rule's weights stand. */
  private record Found(String source, ConfigDocument document, RuleWeights weights) {}

  /**
   * @param dividing which rules there are, and what they got
   */
  public CanaryPages(Vertx vertx, Dividing dividing, Configured configured) {
    this.vertx = vertx;
    this.dividing = dividing;
    this.configured = configured;
  }

  /** Behind whatever guard the router has: it changes what serves. */
  public void mount(Router router) {
    router.get("/canary").handler(context -> answer(context, told(Asker.of(context))));
    router
        .post("/config/weights")
        .handler(
            context -> answer(context, Future.succeededFuture().compose(now -> weighed(context))));
  }

  /** Notices that another version serves; every ten seconds, on a worker. */
  public void step() {
    long version = version();
    if (version == seen) {
      return; // other weights are another version
    }
    seen = version;
    dividing.changed();
    texts.retain(
        configured.history.current().map(Applied::units).orElse(Map.of()).values().stream()
            .flatMap(units -> units.values().stream())
            .flatMap(List::stream)
            .toList());
  }

  private long version() {
    return configured.history.current().map(Applied::version).orElse(0L);
  }

  private Future<JsonObject> told(Asker asker) {
    return vertx
        .executeBlocking(dividing::rules, false)
        .compose(
            rules ->
                dividing
                    .measured(rules)
                    .compose(got -> vertx.executeBlocking(() -> told(rules, got, asker), false)));
  }

  private JsonObject told(List<AdminView.Route> rules, Map<String, Measured> got, Asker asker) {
    JsonArray all = new JsonArray();
    for (AdminView.Route rule : rules) {
      Measured measured = got.getOrDefault(rule.name(), new Measured(0, List.of()));
      JsonArray shares = new JsonArray();
      for (int i = 0; i < rule.shares().size(); i++) {
        AdminView.Share share = rule.shares().get(i);
        Part part = i < measured.parts().size() ? measured.parts().get(i) : Part.NONE;
        shares.add(
            new JsonObject()
                .put("cluster", share.cluster())
                .put("weight", share.weight())
                .put("versions", new JsonArray(part.versions()))
                .put("requests", part.got().requests())
                .put("failed", part.got().failed()));
      }
      JsonObject one =
          new JsonObject()
              .put("rule", rule.name())
              .put("hosts", new JsonArray(rule.hosts()))
              .put("place", rule.place())
              .put("since", Instant.ofEpochMilli(measured.since()).toString())
              .put("shares", shares);
      all.add(written(one, rule, asker));
    }
    return new JsonObject().put("rules", all);
  }

  /** With where it is written, and whether it can be changed there. */
  private JsonObject written(JsonObject one, AdminView.Route rule, Asker asker) {
    Optional<Found> found = found(rule);
    found.ifPresent(
        there ->
            one.put("source", there.source)
                .put("resource", there.weights.resource())
                .put("paths", new JsonArray(there.weights.paths())));
    Optional<String> why = readOnly(found).or(() -> refusal(asker));
    one.put("writable", why.isEmpty());
    why.ifPresent(text -> one.put("why", text));
    return one;
  }

  private static Optional<String> refusal(Asker asker) {
    return asker.changes()
        ? Optional.empty()
        : Optional.of("who asks " + asker + " may look, and change nothing");
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
    Asker asker = Asker.of(context);
    String name = Parameters.text(context, "rule").orElse("");
    List<Integer> from = numbers(context, "from");
    List<Integer> to = numbers(context, "to");
    refusal(asker)
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(why);
            });
    String cause = "weights of " + name + ": " + from + " to " + to + ", asked for " + asker;
    return vertx
        .executeBlocking(() -> edit(name, from, to), false)
        .compose(edit -> configured.changing.change(edit, cause).map(done -> edit.source()))
        .onSuccess(source -> LOG.info("{}; written to {}", line(cause), source))
        .onFailure(why -> LOG.warn("{}; not written: {}", line(cause), line(why.getMessage())))
        .compose(source -> vertx.executeBlocking(() -> done(source), false));
  }

  /** What was asked for need not be a rule's name. */
  private static String line(@Nullable String words) {
    return PlainLine.of(String.valueOf(words), MOST_WORDS);
  }

  private JsonObject done(String source) {
    step();
    return new JsonObject()
        .put("version", version())
        .put(
            "sources",
            new JsonArray().add(new JsonObject().put("source", source).put("written", true)));
  }

  private SourceEdit edit(String name, List<Integer> from, List<Integer> to) {
    AdminView.Route rule =
        dividing.rules().stream()
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
