package dev.weft.config.yaml;

import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * The fields of one mapping, read one by one. Whatever is wrong is noted with its place and path,
 * and a default is given instead, so that one reading finds all problems. {@link #done} notes the
 * fields that nobody asked for.
 */
public final class Fields {

  private static final int LONGEST_SHOWN = 60;

  private final YamlNode.Mapping mapping;
  private final String path;
  private final Problems problems;
  private final Map<String, YamlNode.Entry> byName = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();

  private Fields(YamlNode.Mapping mapping, String path, Problems problems) {
    this.mapping = mapping;
    this.path = path;
    this.problems = problems;
    mapping.entries().forEach(entry -> byName.put(entry.key(), entry));
  }

  /** The fields of {@code node}; none, and a problem, where it is no mapping. */
  public static Fields of(YamlNode node, String path, Problems problems) {
    if (node instanceof YamlNode.Mapping mapping) {
      return new Fields(mapping, path, problems);
    }
    if (!isNull(node)) {
      wrongType(problems, node, path, "a mapping");
    }
    return new Fields(new YamlNode.Mapping(node.place(), List.of()), path, problems);
  }

  public Place place() {
    return mapping.place();
  }

  public String path() {
    return path;
  }

  public Problems problems() {
    return problems;
  }

  /** Whether there is anything at all. */
  public boolean empty() {
    return byName.isEmpty();
  }

  public boolean has(String name) {
    known.add(name);
    return byName.containsKey(name);
  }

  /** Where a field stands; the mapping itself where it is absent. */
  public Place place(String name) {
    return node(name).map(YamlNode::place).orElse(place());
  }

  public String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** The value as it was written. */
  public Optional<YamlNode> node(String name) {
    known.add(name);
    return Optional.ofNullable(byName.get(name)).map(YamlNode.Entry::value);
  }

  /** All names that stand there, for mappings whose keys are the user's own. */
  public List<YamlNode.Entry> entries() {
    known.addAll(byName.keySet());
    return mapping.entries();
  }

  public Optional<String> text(String name) {
    return node(name)
        .flatMap(
            node -> {
              if (node instanceof YamlNode.Scalar scalar) {
                return scalar.isNull() ? Optional.empty() : Optional.of(scalar.text());
              }
              wrongType(problems, node, path(name), "a text");
              return Optional.empty();
            });
  }

  public String text(String name, String absent) {
    return text(name).orElse(absent);
  }

  /** A text that must be there and not be empty. */
  public String required(String name, String what) {
    Optional<String> text = text(name);
    if (text.isEmpty() || text.get().isEmpty()) {
      error(Codes.MISSING_FIELD, name, name + " is missing (expected: " + what + ")", "");
      return "";
    }
    return text.get();
  }

  public OptionalInt integer(String name, int least, int most) {
    OptionalLong value = whole(name, least, most);
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  /** A whole number that may be larger than an {@code int}. */
  public OptionalLong whole(String name, long least, long most) {
    Optional<YamlNode> node = node(name);
    if (node.isEmpty() || isNull(node.get())) {
      return OptionalLong.empty();
    }
    if (node.get() instanceof YamlNode.Scalar scalar
        && scalar.text().matches("[+-]?(0|[1-9]\\d{0,17})")) {
      long value = Long.parseLong(scalar.text());
      if (value >= least && value <= most) {
        return OptionalLong.of(value);
      }
      String range = least + " to " + most;
      error(Codes.OUT_OF_RANGE, name, name + " " + value + " (expected: " + range + ")", "");
      return OptionalLong.empty();
    }
    wrongType(problems, node.get(), path(name), "a whole number");
    return OptionalLong.empty();
  }

  public int integer(String name, int least, int most, int absent) {
    return integer(name, least, most).orElse(absent);
  }

  public OptionalDouble number(String name, double least, double most) {
    Optional<YamlNode> node = node(name);
    if (node.isEmpty()) {
      return OptionalDouble.empty();
    }
    if (node.get() instanceof YamlNode.Scalar scalar
        && scalar.text().matches("[+-]?\\d{1,18}(\\.\\d{1,18})?")) {
      double value = Double.parseDouble(scalar.text());
      if (value >= least && value <= most) {
        return OptionalDouble.of(value);
      }
      String range = plain(least) + " to " + plain(most);
      String shown = name + " " + scalar.text();
      error(Codes.OUT_OF_RANGE, name, shown + " (expected: " + range + ")", "");
      return OptionalDouble.empty();
    }
    wrongType(problems, node.get(), path(name), "a number");
    return OptionalDouble.empty();
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  public boolean flag(String name, boolean absent) {
    Optional<YamlNode> node = node(name);
    if (node.isEmpty()) {
      return absent;
    }
    if (node.get() instanceof YamlNode.Scalar scalar
        && (scalar.text().equals("true") || scalar.text().equals("false"))) {
      return scalar.text().equals("true");
    }
    wrongType(problems, node.get(), path(name), "true or false");
    return absent;
  }

  /** A duration of at least {@code least}; zero where zero is allowed by it. */
  public Optional<Duration> duration(String name, Duration least) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Duration> value = Durations.parse(text.get());
    if (value.isEmpty()) {
      String shown = name + " '" + shortened(text.get()) + "'";
      error(Codes.DURATION, name, shown + " (expected: a duration such as 1.5s or 100ms)", "");
    } else if (value.get().compareTo(least) < 0) {
      String bound = least.toMillis() + "ms";
      error(
          Codes.OUT_OF_RANGE,
          name,
          name + " " + text.get() + " (expected: at least " + bound + ")",
          "");
      return Optional.empty();
    }
    return value;
  }

  /** One of the words of an enum, as Istio spells it. */
  public <E extends Enum<E>> Optional<E> word(String name, Class<E> type) {
    return word(name, type, Enum::name);
  }

  /** One of the words of an enum, in lower case. */
  public <E extends Enum<E>> Optional<E> lowerWord(String name, Class<E> type) {
    return word(name, type, constant -> lower(constant.name()));
  }

  private <E extends Enum<E>> Optional<E> word(
      String name, Class<E> type, Function<E, String> spelt) {
    Optional<String> text = text(name);
    List<E> constants = List.of(type.getEnumConstants());
    Optional<E> meant =
        constants.stream().filter(one -> Optional.of(spelt.apply(one)).equals(text)).findFirst();
    if (meant.isEmpty() && text.isPresent()) {
      unknownValue(name, text.get(), constants.stream().map(spelt).toList());
    }
    return meant;
  }

  /** Notes a value that is none of the words. */
  public void unknownValue(String name, String value, List<String> words) {
    String shown = name + " '" + shortened(value) + "'";
    String hint = Nearest.to(value, words).map(word -> "did you mean '" + word + "'?").orElse("");
    error(Codes.UNKNOWN_VALUE, name, shown + " (expected: " + String.join(", ", words) + ")", hint);
  }

  /** The fields of a nested mapping; empty where it is absent. */
  public Optional<Fields> object(String name) {
    return node(name).map(node -> of(node, path(name), problems));
  }

  /** The fields of each mapping of a list. */
  public List<Fields> objects(String name) {
    List<Fields> all = new ArrayList<>();
    List<YamlNode> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      all.add(of(items.get(i), path(name) + "[" + i + "]", problems));
    }
    return all;
  }

  public List<YamlNode> items(String name) {
    Optional<YamlNode> node = node(name);
    if (node.isEmpty() || isNull(node.get())) {
      return List.of();
    }
    if (node.get() instanceof YamlNode.Sequence sequence) {
      return sequence.items();
    }
    wrongType(problems, node.get(), path(name), "a list");
    return List.of();
  }

  public List<String> texts(String name) {
    List<String> all = new ArrayList<>();
    List<YamlNode> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof YamlNode.Scalar scalar && !scalar.isNull()) {
        all.add(scalar.text());
      } else {
        wrongType(problems, items.get(i), path(name) + "[" + i + "]", "a text");
      }
    }
    return all;
  }

  /** A mapping of the user's own keys to texts. */
  public Map<String, String> textMap(String name) {
    return map(name, text -> text);
  }

  /** A mapping of the user's own keys to texts, each key changed, e.g. to lower case. */
  public Map<String, String> map(String name, Function<String, String> key) {
    Map<String, String> all = new LinkedHashMap<>();
    for (YamlNode.Entry entry : object(name).map(Fields::entries).orElse(List.of())) {
      if (entry.value() instanceof YamlNode.Scalar scalar) {
        all.put(key.apply(entry.key()), scalar.isNull() ? "" : scalar.text());
      } else {
        wrongType(problems, entry.value(), path(name) + "." + entry.key(), "a text");
      }
    }
    return all;
  }

  /** The labels of a selector: its {@code matchLabels}. */
  public Map<String, String> matchLabels(String name) {
    Optional<Fields> selector = object(name);
    Map<String, String> labels =
        selector.map(fields -> fields.textMap("matchLabels")).orElse(Map.of());
    selector.ifPresent(Fields::done);
    return labels;
  }

  /** Fields that are the API server's or a person's business, and change nothing here. */
  public void passedOver(String... names) {
    known.addAll(List.of(names));
  }

  /** Fields that Istio has and Weft does not honour (yet): told where they stand. */
  public void notHonoured(String... names) {
    for (String name : names) {
      if (has(name)) {
        warning(
            Codes.NOT_HONOURED,
            name,
            name + " is not honoured by this version",
            "it has no effect");
      }
    }
  }

  /** As {@link #notHonoured}, for what must not be dropped: security resources and {@code tls}. */
  public void refused(String... names) {
    for (String name : names) {
      if (has(name)) {
        error(
            Codes.SECURITY_NOT_HONOURED,
            name,
            name + " is not honoured by this version, and what it protects would be open",
            "remove it, or keep the traffic off this proxy");
      }
    }
  }

  public void error(String code, String name, String message, String hint) {
    problems.error(code, place(name), path(name), message, hint);
  }

  public void warning(String code, String name, String message, String hint) {
    problems.warning(code, place(name), path(name), message, hint);
  }

  /** Notes each field that was not asked for. To be called last. */
  public void done() {
    for (YamlNode.Entry entry : mapping.entries()) {
      if (!known.contains(entry.key())) {
        String hint =
            Nearest.to(entry.key(), known)
                .map(word -> "did you mean '" + word + "'?")
                .orElse(there(entry.key()));
        problems.error(
            Codes.UNKNOWN_FIELD,
            entry.keyPlace(),
            path(entry.key()),
            "unknown field '" + shortened(entry.key()) + "'",
            hint);
      }
    }
  }

  private String there(String key) {
    return key.equals("<<")
        ? "YAML 1.2 has no merge keys; write out what is meant"
        : "there are: " + String.join(", ", known);
  }

  private static boolean isNull(YamlNode node) {
    return node instanceof YamlNode.Scalar scalar && scalar.isNull();
  }

  private static void wrongType(Problems problems, YamlNode node, String path, String expected) {
    String shown = shortened(node.described());
    problems.error(
        Codes.WRONG_TYPE, node.place(), path, shown + " (expected: " + expected + ")", "");
  }

  /** At most a line of it, for messages. */
  public static String shortened(String text) {
    String line = text.replace('\n', ' ');
    return line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN) + "...";
  }

  /** Lower case, for names of headers and hosts. */
  public static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
