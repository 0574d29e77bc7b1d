package dev.weft.config.istio.telemetry;

import dev.weft.config.logging.Unreadable;
import dev.weft.config.logging.Values;
import dev.weft.config.model.telemetry.AccessLogging.Mode;
import dev.weft.config.model.telemetry.Metric;
import dev.weft.config.model.telemetry.MetricOverride;
import dev.weft.config.model.telemetry.MetricOverride.Tag;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.YamlNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads what a Telemetry says of metrics. */
final class MetricOverrides {

  private static final String OWN = "prometheus"; // Istio's name of what is scraped
  private static final String ALL = "ALL_METRICS";
  private static final int MOST_TAGS = 20;
  private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");
  private static final String RESERVED = "__"; // Prometheus' own

  private MetricOverrides() {}

  /** What becomes of a label. */
  private enum Operation {
    UPSERT,
    REMOVE
  }

  static List<MetricOverride> read(Fields spec) {
    List<MetricOverride> all = new ArrayList<>();
    for (Fields one : spec.objects("metrics")) {
      boolean ours = ours(one);
      List<MetricOverride> overrides =
          one.objects("overrides").stream().map(MetricOverrides::override).toList();
      one.duration("reportingInterval", Duration.ofMillis(1));
      if (one.has("reportingInterval")) {
        one.warning(
            Codes.NOT_HONOURED,
            "reportingInterval",
            "reportingInterval changes nothing",
            "open connections are told as they are at each scrape, which nothing holds back");
      }
      one.done();
      if (ours) {
        all.addAll(overrides);
      }
    }
    return all;
  }

  /** Whether it is said of what is scraped here, which it also is where no provider is named. */
  private static boolean ours(Fields fields) {
    boolean ours = !fields.has("providers");
    for (Fields one : fields.objects("providers")) {
      String name = one.required("name", OWN);
      ours |= name.equals(OWN);
      if (!name.isEmpty() && !name.equals(OWN)) {
        one.warning(
            Codes.NOT_HONOURED,
            "name",
            "provider '" + Fields.shortened(name) + "' (expected: " + OWN + ")",
            "it is told nothing; what each proxy's /metrics tells has that name");
      }
      one.done();
    }
    return ours;
  }

  private static MetricOverride override(Fields fields) {
    Optional<Fields> match = fields.object("match");
    Set<Metric> metrics =
        match.map(MetricOverrides::metrics).orElseGet(() -> EnumSet.allOf(Metric.class));
    Mode mode = match.flatMap(one -> one.word("mode", Mode.class)).orElse(Mode.CLIENT_AND_SERVER);
    match.ifPresent(Fields::done);
    Optional<Boolean> disabled =
        fields.has("disabled") ? Optional.of(fields.flag("disabled", false)) : Optional.empty();
    List<Tag> tags = tags(fields);
    fields.done();
    return new MetricOverride(metrics, mode, disabled, tags);
  }

  private static Set<Metric> metrics(Fields match) {
    Optional<String> custom = match.text("customMetric");
    Optional<String> known = match.text("metric");
    if (custom.isPresent() && known.isPresent()) {
      match.error(
          Codes.CONFLICT,
          "customMetric",
          "metric and customMetric (expected: one of them)",
          "leave one out");
      return Set.of();
    }
    if (custom.isPresent()) {
      Optional<Metric> named = Metric.named(custom.get());
      if (named.isEmpty()) {
        match.unknownValue("customMetric", custom.get(), Metric.names());
      }
      return named.map(Set::of).orElse(Set.of());
    }
    if (known.isEmpty() || known.get().equals(ALL)) {
      return EnumSet.allOf(Metric.class);
    }
    Optional<Metric> named =
        EnumSet.allOf(Metric.class).stream()
            .filter(one -> one.name().equals(known.get()))
            .findFirst();
    if (named.isEmpty()) {
      List<String> words = new ArrayList<>(List.of(ALL));
      EnumSet.allOf(Metric.class).forEach(one -> words.add(one.name()));
      match.unknownValue("metric", known.get(), words);
    }
    return named.map(Set::of).orElse(Set.of());
  }

  private static List<Tag> tags(Fields fields) {
    List<Tag> all = new ArrayList<>();
    Optional<Fields> written = fields.object("tagOverrides");
    for (YamlNode.Entry entry : written.map(Fields::entries).orElse(List.of())) {
      String path = fields.path("tagOverrides") + "." + entry.key();
      tag(entry, Fields.of(entry.value(), path, fields.problems())).ifPresent(all::add);
    }
    if (all.size() > MOST_TAGS) {
      String shown = all.size() + " tags (expected: at most " + MOST_TAGS + ")";
      fields.error(Codes.OUT_OF_RANGE, "tagOverrides", shown, "each multiplies the series");
      return List.of();
    }
    return all;
  }

  private static Optional<Tag> tag(YamlNode.Entry entry, Fields fields) {
    Operation operation = fields.word("operation", Operation.class).orElse(Operation.UPSERT);
    Optional<String> value = fields.text("value");
    fields.done();
    String name = entry.key();
    if (!LABEL.matcher(name).matches() || name.startsWith(RESERVED) || name.equals("le")) {
      fields
          .problems()
          .error(
              Codes.UNKNOWN_VALUE,
              entry.keyPlace(),
              fields.path(),
              "tag '" + Fields.shortened(name) + "' (expected: letters, digits and _)",
              "it is a label of Prometheus, of which le and what begins with __ are its own");
      return Optional.empty();
    }
    boolean good = operation == Operation.UPSERT ? readable(fields, value) : removed(fields, value);
    return good
        ? Optional.of(new Tag(name, value, entry.keyPlace(), fields.path()))
        : Optional.empty();
  }

  private static boolean removed(Fields fields, Optional<String> value) {
    if (value.isPresent()) {
      fields.error(
          Codes.CONFLICT, "value", "a value of what is removed (expected: none)", "leave it out");
    }
    return value.isEmpty();
  }

  private static boolean readable(Fields fields, Optional<String> value) {
    if (value.filter(text -> !text.isBlank()).isEmpty()) {
      fields.error(
          Codes.MISSING_FIELD,
          "value",
          "value is missing (expected: an expression, e.g. request.host)",
          "operation: REMOVE leaves the tag out");
      return false;
    }
    try {
      Values.of(value.get());
      return true;
    } catch (Unreadable fault) {
      fields.error(Codes.UNKNOWN_VALUE, "value", fault.told(), fault.hint());
      return false;
    }
  }
}
