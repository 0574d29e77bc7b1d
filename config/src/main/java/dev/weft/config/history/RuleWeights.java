package dev.weft.config.history;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problems;
import dev.weft.config.yaml.YamlNode;
import dev.weft.config.yaml.YamlNode.Scalar;
import dev.weft.config.yaml.YamlNode.Sequence;
import dev.weft.config.yaml.YamlReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The weights of one rule of a VirtualService, where they stand in its text: they can be replaced,
 * and comments, order and spaces stay as their author wrote them.
 *
 * <p>Immutable; any thread.
 */
public final class RuleWeights {

  /** Most that a weight may be, and what all of a rule add up to. */
  public static final int MOST = 1_000_000;

  private static final List<String> KINDS = List.of("http", "tls", "tcp"); // of rules
  private static final String ENDS = " ,}]\r\n\t"; // what may follow a number
  private static final int BYTE_ORDER_MARK = 0xFEFF;
  private static final Pattern PLAIN = Pattern.compile("\\d{1,7}");

  private final ConfigDocument document;
  private final String resource;
  private final List<Weight> weights;
  private final List<Integer> lines; // where each begins

  /**
   * One of them.
   *
   * @param path such as {@code spec.http[0].route[1].weight}
   * @param at empty where none is written
   */
  private record Weight(String path, Optional<Scalar> at, Place place) {
    int value() {
      return at.map(Scalar::text)
          .filter(text -> PLAIN.matcher(text).matches())
          .map(Integer::parseInt)
          .orElse(0);
    }
  }

  private RuleWeights(
      ConfigDocument document, String resource, List<Weight> weights, List<Integer> lines) {
    this.lines = lines;
    this.document = document;
    this.resource = resource;
    this.weights = weights;
  }

  /**
   * Those of all rules of a text that have more than one destination, by the places of the rules.
   */
  public static Map<Place, RuleWeights> of(ConfigDocument document) {
    Map<Place, RuleWeights> all = new LinkedHashMap<>();
    List<Integer> lines = lines(document.text());
    for (YamlNode node : YamlReader.read(document.name(), document.text(), new Problems())) {
      add(document, lines, node, all);
    }
    return all;
  }

  private static void add(
      ConfigDocument document, List<Integer> lines, YamlNode node, Map<Place, RuleWeights> all) {
    items(ResourceFields.entry(node, "items")).forEach(item -> add(document, lines, item, all));
    Optional<String> name = ResourceFields.called(node, document.within());
    for (String kind : name.isPresent() ? KINDS : List.<String>of()) {
      List<YamlNode> rules =
          items(
              ResourceFields.entry(node, "spec").flatMap(spec -> ResourceFields.entry(spec, kind)));
      for (int i = 0; i < rules.size(); i++) {
        List<YamlNode> routes = items(ResourceFields.entry(rules.get(i), "route"));
        if (routes.size() > 1) {
          List<Weight> weights = weights(routes, "spec." + kind + "[" + i + "].route[");
          all.put(rules.get(i).place(), new RuleWeights(document, name.get(), weights, lines));
        }
      }
    }
  }

  private static List<YamlNode> items(Optional<YamlNode> node) {
    return node.filter(Sequence.class::isInstance)
        .map(list -> ((Sequence) list).items())
        .orElse(List.of());
  }

  private static List<Weight> weights(List<YamlNode> routes, String path) {
    List<Weight> all = new ArrayList<>();
    for (int i = 0; i < routes.size(); i++) {
      Optional<Scalar> at =
          ResourceFields.entry(routes.get(i), "weight")
              .filter(Scalar.class::isInstance)
              .map(Scalar.class::cast);
      all.add(
          new Weight(
              path + i + "].weight", at, at.map(Scalar::place).orElse(routes.get(i).place())));
    }
    return List.copyOf(all);
  }

  /** What it stands in, such as {@code VirtualService prod/search}. */
  public String resource() {
    return resource;
  }

  /** In the order of the destinations; 0 where none is written. */
  public List<Integer> values() {
    return weights.stream().map(Weight::value).toList();
  }

  /** Such as {@code spec.http[0].route[1].weight}, in the same order. */
  public List<String> paths() {
    return weights.stream().map(Weight::path).toList();
  }

  /** Why they cannot be replaced in place, in one sentence; empty where they can. */
  public Optional<String> fixed() {
    for (Weight weight : weights) {
      if (weight.at.isEmpty()) {
        return Optional.of(weight.place + ": this destination has no weight; write weight: 0");
      }
      if (offset(weight.at.get()).isEmpty()) {
        return Optional.of(
            weight.place
                + ": the weight is not written as a plain number; write it as one, without an alias");
      }
    }
    return Optional.empty();
  }

  /**
   * The same text with other weights.
   *
   * @param wanted 0 to {@link #MOST} each, in the order of the destinations, adding up to what
   *     those add up to that are there
   * @throws IllegalArgumentException with a sentence where that cannot be
   */
  public ConfigDocument with(List<Integer> wanted) {
    check(wanted);
    fixed()
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(why);
            });
    StringBuilder text = new StringBuilder(document.text());
    for (int i = weights.size() - 1; i >= 0; i--) { // from the end, so that places before it stay
      Scalar at = weights.get(i).at.orElseThrow();
      int from = offset(at).orElseThrow();
      text.replace(from, from + at.text().length(), Integer.toString(wanted.get(i)));
    }
    ConfigDocument edited =
        new ConfigDocument(document.unit(), document.name(), text.toString(), document.within());
    only(edited);
    return edited;
  }

  private void check(List<Integer> wanted) {
    List<Integer> now = values();
    if (wanted.size() != now.size()) {
      throw new IllegalArgumentException(
          "weights: "
              + wanted.size()
              + " (expected: "
              + now.size()
              + ", one for each destination)");
    }
    for (int i = 0; i < wanted.size(); i++) {
      if (wanted.get(i) < 0 || wanted.get(i) > MOST) {
        throw new IllegalArgumentException(
            paths().get(i) + ": weight " + wanted.get(i) + " (expected: 0 to " + MOST + ")");
      }
    }
    long before = now.stream().mapToLong(Integer::longValue).sum();
    long after = wanted.stream().mapToLong(Integer::longValue).sum();
    if (after != before) {
      throw new IllegalArgumentException(
          "weights: they add up to " + after + " (expected: " + before + ", as they do now)");
    }
  }

  /** Where it stands, as an index; empty where there is something else: an alias, or quotes. */
  private Optional<Integer> offset(Scalar scalar) {
    String text = document.text();
    int at = index(scalar.place());
    int end = at + scalar.text().length();
    boolean number = scalar.plain() && PLAIN.matcher(scalar.text()).matches();
    boolean there =
        text.startsWith(scalar.text(), at)
            && (end == text.length() || ENDS.indexOf(text.charAt(end)) >= 0);
    long same = weights.stream().filter(one -> one.at.filter(scalar::equals).isPresent()).count();
    return number && there && same == 1 ? Optional.of(at) : Optional.empty();
  }

  /** As the reader counts. */
  private int index(Place place) {
    String text = document.text();
    int at = lines.get(Math.min(place.line(), lines.size()) - 1);
    int column = 1;
    while (column < place.column() && at < text.length()) {
      int point = text.codePointAt(at);
      at += Character.charCount(point);
      column += point == BYTE_ORDER_MARK ? 0 : 1;
    }
    return at;
  }

  /** Where each line begins, as an index. */
  private static List<Integer> lines(String text) {
    List<Integer> starts = new ArrayList<>(List.of(0));
    for (int at = 0; at < text.length(); at++) {
      char one = text.charAt(at);
      boolean pair = one == '\r' && text.startsWith("\n", at + 1);
      if (one == '\n' || (one == '\r' && !pair)) {
        starts.add(at + 1);
      }
    }
    return starts;
  }

  /** An anchor may mean more than one place: whatever else would change is not changed. */
  private void only(ConfigDocument edited) {
    Map<String, ResourceFields> before = ResourceFields.of(List.of(document));
    for (ConfigChange change : ConfigChange.between(before, ResourceFields.of(List.of(edited)))) {
      String others =
          change.fields().stream()
              .map(ConfigChange.Field::path)
              .filter(path -> !change.resource().equals(resource) || !paths().contains(path))
              .collect(Collectors.joining(", "));
      if (!others.isEmpty() || change.kind() != ConfigChange.Kind.CHANGED) {
        throw new IllegalArgumentException(
            "the same weights serve "
                + change.resource()
                + " "
                + others
                + ": they are shared by an alias; write them out");
      }
    }
  }
}
