package dev.weft.config.yaml;

import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problems;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/** Makes nodes of a parser's events; one instance, one text. */
final class NodeBuilder {

  private static final int MOST_NODES = 2_000_000;
  private static final int MOST_DEPTH = 100;
  private static final Set<String> PLAIN_TAGS =
      Set.of(
          "!",
          "tag:yaml.org,2002:str",
          "tag:yaml.org,2002:int",
          "tag:yaml.org,2002:float",
          "tag:yaml.org,2002:bool",
          "tag:yaml.org,2002:null",
          "tag:yaml.org,2002:map",
          "tag:yaml.org,2002:seq");

  private final String file;
  private final Problems problems;
  private final List<YamlNode> documents = new ArrayList<>();
  private final Deque<Open> open = new ArrayDeque<>();
  private final Map<String, Anchored> anchors = new HashMap<>();
  private final Set<String> unfinished = new HashSet<>();
  private int nodes; // of the whole text, with aliases followed

  /** What an alias means, and how many nodes that is. */
  private record Anchored(YamlNode node, int size) {}

  /** Ends the reading of a text. */
  static final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String code;
    private final transient Place place;
    private final String hint;

    Fault(String code, Place place, String what, String hint) {
      super(what, null, false, false);
      this.code = code;
      this.place = place;
      this.hint = hint;
    }

    String code() {
      return code;
    }

    Place place() {
      return place;
    }

    String what() {
      return String.valueOf(getMessage());
    }

    String hint() {
      return hint;
    }
  }

  /** A list or mapping whose end has not come yet. */
  private static final class Open {
    private final Place place;
    private final Optional<String> anchor;
    private final boolean mapping;
    private final int before; // nodes of the text when it began
    private final List<YamlNode> items = new ArrayList<>();
    private final List<YamlNode.Entry> entries = new ArrayList<>();
    private final Map<String, Place> seen = new HashMap<>();
    private @Nullable YamlNode key; // whose value comes next
    private boolean dropped; // that value, since its key is none

    Open(Place place, Optional<String> anchor, boolean mapping, int before) {
      this.place = place;
      this.anchor = anchor;
      this.mapping = mapping;
      this.before = before;
    }

    YamlNode node() {
      return mapping ? new YamlNode.Mapping(place, entries) : new YamlNode.Sequence(place, items);
    }
  }

  NodeBuilder(String file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /** Those that are whole, empty ones left out. */
  List<YamlNode> documents() {
    return documents;
  }

  void take(Event event) {
    switch (event.getEventId()) {
      case Scalar -> scalar((ScalarEvent) event);
      case Alias -> alias((AliasEvent) event);
      case SequenceStart, MappingStart -> begin((CollectionStartEvent) event);
      case SequenceEnd, MappingEnd -> end();
      case DocumentStart -> {
        anchors.clear();
        unfinished.clear();
      }
      case StreamStart, StreamEnd, DocumentEnd, Comment -> {
        // nothing to keep
      }
    }
  }

  private Place place(Event event) {
    return event
        .getStartMark()
        .map(mark -> new Place(file, mark.getLine() + 1, mark.getColumn() + 1))
        .orElse(Place.of(file));
  }

  private void count(int more, Place place) {
    nodes = (int) Math.min(Integer.MAX_VALUE, (long) nodes + more);
    if (nodes > MOST_NODES) {
      String what = "more than " + MOST_NODES + " values once aliases are followed";
      throw new Fault(Codes.TOO_LARGE, place, what, "write it without aliases, or split it");
    }
  }

  private void scalar(ScalarEvent event) {
    Place place = place(event);
    count(1, place);
    tag(event.getTag(), place);
    boolean plain = event.getScalarStyle() == ScalarStyle.PLAIN && event.getTag().isEmpty();
    YamlNode node = new YamlNode.Scalar(place, event.getValue(), plain);
    anchor(event).ifPresent(name -> anchors.put(name, new Anchored(node, 1)));
    add(node, place);
  }

  private void tag(Optional<String> tag, Place place) {
    tag.filter(name -> !PLAIN_TAGS.contains(name))
        .ifPresent(
            name ->
                problems.error(
                    Codes.TAG,
                    place,
                    "",
                    "tag " + name + " (expected: plain YAML)",
                    "remove the tag"));
  }

  private static Optional<String> anchor(NodeEvent event) {
    return event.getAnchor().map(Anchor::getValue);
  }

  private void alias(AliasEvent event) {
    Place place = place(event);
    String name = event.getAlias().getValue();
    Anchored meant = anchors.get(name);
    if (meant == null) {
      String what =
          unfinished.contains(name)
              ? "alias '" + name + "' stands within what it means"
              : "alias '" + name + "' has no anchor before it";
      throw new Fault(Codes.YAML, place, "broken YAML: " + what, "write out what is meant");
    }
    count(meant.size(), place);
    add(meant.node(), place);
  }

  private void begin(CollectionStartEvent event) {
    Place place = place(event);
    if (open.size() > MOST_DEPTH) {
      String what = "nested more than " + MOST_DEPTH + " deep";
      throw new Fault(Codes.TOO_LARGE, place, what, "no resource is that deep");
    }
    int before = nodes;
    count(1, place);
    tag(event.getTag(), place);
    anchor(event)
        .ifPresent(
            name -> {
              anchors.remove(name);
              unfinished.add(name);
            });
    open.push(new Open(place, anchor(event), event instanceof MappingStartEvent, before));
  }

  private void end() {
    Open whole = open.pop();
    YamlNode node = whole.node();
    whole.anchor.ifPresent(
        name -> {
          anchors.put(name, new Anchored(node, nodes - whole.before));
          unfinished.remove(name);
        });
    add(node, whole.place);
  }

  /**
   * @param place where it stands; an alias stands elsewhere than what it means
   */
  private void add(YamlNode node, Place place) {
    Open around = open.peek();
    if (around == null) {
      if (!(node instanceof YamlNode.Scalar scalar && scalar.isNull())) {
        documents.add(node);
      }
    } else if (!around.mapping) {
      around.items.add(node);
    } else if (around.key == null) {
      key(around, node, place);
    } else {
      if (!around.dropped && around.key instanceof YamlNode.Scalar key) {
        Place at = around.seen.getOrDefault(key.text(), key.place());
        around.entries.add(new YamlNode.Entry(key.text(), at, node));
      }
      around.key = null;
      around.dropped = false;
    }
  }

  private void key(Open around, YamlNode node, Place place) {
    around.key = node;
    if (!(node instanceof YamlNode.Scalar key)) {
      around.dropped = true;
      problems.error(
          Codes.WRONG_TYPE, place, "", "a key that is not a text", "keys are field names");
      return;
    }
    Optional<Place> before = Optional.ofNullable(around.seen.putIfAbsent(key.text(), place));
    if (before.isPresent()) {
      around.dropped = true;
      problems.error(
          Codes.DUPLICATE_KEY,
          place,
          "",
          "key '" + key.text() + "' a second time (first at " + before.get() + ")",
          "keep one of them");
    }
  }
}
