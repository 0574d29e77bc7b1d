package dev.weft.routing.telemetry.tag;

import dev.weft.config.logging.Attribute;
import dev.weft.config.logging.Facts;
import dev.weft.config.logging.Unreadable;
import dev.weft.config.logging.Value;
import dev.weft.config.logging.Values;
import dev.weft.config.model.telemetry.Metric;
import dev.weft.config.model.telemetry.MetricSettings;
import dev.weft.config.model.telemetry.MetricSettings.Told;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * How the metrics of a workload are told, compiled once of its Telemetry. What is the same for all
 * requests is seen to when metrics are scraped; only where a tag's value depends on the request is
 * it asked, once a request, on its event loop.
 *
 * <p>Immutable; any thread.
 */
public final class TagRules {

  /** As Istio's standard metrics are. */
  public static final TagRules STANDARD = new TagRules(MetricSettings.STANDARD);

  private static final String UNKNOWN = "unknown";
  private static final int LONGEST = 256;

  private final MetricSettings settings;
  private final List<String> expressions; // those whose value depends on the request
  private final List<Value> values;
  private final Map<Metric, Shape> client;
  private final Map<Metric, Shape> server;

  /**
   * @param settings that were checked
   */
  public TagRules(MetricSettings settings) {
    this.settings = settings;
    Map<String, Value> asked = new LinkedHashMap<>();
    this.client = shapes(settings.client(), asked);
    this.server = shapes(settings.server(), asked);
    this.expressions = List.copyOf(asked.keySet());
    this.values = List.copyOf(asked.values());
  }

  private static Map<Metric, Shape> shapes(Map<Metric, Told> told, Map<String, Value> asked) {
    Map<Metric, Shape> shapes = new TreeMap<>();
    told.forEach((metric, one) -> shapes.put(metric, shape(one, asked)));
    return shapes;
  }

  private static Shape shape(Told told, Map<String, Value> asked) {
    Set<String> removed = new LinkedHashSet<>();
    Map<String, Value> set = new TreeMap<>();
    Map<String, String> texts = new TreeMap<>();
    told.tags()
        .forEach(
            (name, expression) -> {
              if (expression.isEmpty()) {
                removed.add(name);
                return;
              }
              Value value = value(expression.get());
              set.put(name, value);
              texts.put(name, expression.get());
              if (value.fixed().isEmpty() && !told.disabled()) {
                asked.put(expression.get(), value);
              }
            });
    return new Shape(told.disabled(), removed, set, texts);
  }

  /** The configuration was checked: what cannot be read is a fault of ours. */
  private static Value value(String text) {
    try {
      return Values.of(text);
    } catch (Unreadable fault) {
      throw new IllegalArgumentException("tag: " + fault.told(), fault);
    }
  }

  /** Whether anything is asked of requests. */
  public boolean asks() {
    return !values.isEmpty();
  }

  /** What a request that ended has. */
  public Tags of(Facts facts) {
    List<String> all = new ArrayList<>(values.size());
    for (Value value : values) {
      String text = value.of(facts).filter(one -> !one.isEmpty()).orElse(UNKNOWN);
      all.add(text.length() <= LONGEST ? text : text.substring(0, LONGEST));
    }
    return new Tags(expressions, all);
  }

  /**
   * Headers whose values are asked, in lower case.
   *
   * @param where {@link Attribute#REQUEST_HEADERS} or {@link Attribute#RESPONSE_HEADERS}
   */
  public Set<String> headers(Attribute where) {
    Set<String> names = new LinkedHashSet<>();
    for (Value value : values) {
      value.headers(
          (attribute, name) -> {
            if (attribute == where) {
              names.add(name);
            }
          });
    }
    return names;
  }

  /** Whether a metric is told as it is counted, in both directions. */
  boolean standard(Metric metric) {
    return !client.containsKey(metric) && !server.containsKey(metric);
  }

  /** How a metric of one direction is told; empty where as it is counted. */
  Optional<Shape> shape(Metric metric, boolean incoming) {
    return Optional.ofNullable((incoming ? server : client).get(metric));
  }

  /** Whether both tell a metric alike. */
  boolean like(TagRules other, Metric metric) {
    return Optional.ofNullable(settings.client().get(metric))
            .equals(Optional.ofNullable(other.settings.client().get(metric)))
        && Optional.ofNullable(settings.server().get(metric))
            .equals(Optional.ofNullable(other.settings.server().get(metric)));
  }

  /** Names of labels and their values, each beside the other. */
  record Labels(List<String> names, List<String> values) {}

  /**
   * How one metric is told.
   *
   * @param texts the expressions of {@code set}
   */
  record Shape(
      boolean disabled, Set<String> removed, Map<String, Value> set, Map<String, String> texts) {

    /** Labels as they are told instead. */
    Labels of(Labels counted, Tags tags) {
      List<String> names = new ArrayList<>();
      List<String> values = new ArrayList<>();
      for (int i = 0; i < counted.names().size(); i++) {
        String name = counted.names().get(i);
        if (!removed.contains(name) && !set.containsKey(name)) {
          names.add(name);
          values.add(counted.values().get(i));
        }
      }
      set.forEach(
          (name, value) -> {
            names.add(name);
            values.add(
                value.fixed().orElseGet(() -> tags.value(texts.getOrDefault(name, ""), UNKNOWN)));
          });
      return new Labels(names, values);
    }
  }
}
