package dev.weft.config.yaml;

import dev.weft.config.problem.Place;
import java.util.List;

/** A piece of a YAML document that knows where it stands. Aliases are already followed. */
public sealed interface YamlNode {

  Place place();

  /** {@code a mapping}, {@code a list}, or the text itself: for messages. */
  String described();

  /**
   * A single value.
   *
   * @param plain without quotes: {@code 5} and {@code true} are numbers and truths only then
   */
  record Scalar(Place place, String text, boolean plain) implements YamlNode {

    /** {@code null}, {@code ~} or nothing. */
    public boolean isNull() {
      return plain && (text.isEmpty() || text.equals("~") || text.equals("null"));
    }

    @Override
    public String described() {
      if (isNull()) {
        return "nothing";
      }
      return plain ? text : "\"" + text + "\"";
    }
  }

  /** A list. */
  record Sequence(Place place, List<YamlNode> items) implements YamlNode {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String described() {
      return "a list";
    }
  }

  /** Keys and values, in their order, each key once. */
  record Mapping(Place place, List<Entry> entries) implements YamlNode {
    public Mapping {
      entries = List.copyOf(entries);
    }

    @Override
    public String described() {
      return "a mapping";
    }
  }

  /** One key and its value. */
  record Entry(String key, Place keyPlace, YamlNode value) {}
}
