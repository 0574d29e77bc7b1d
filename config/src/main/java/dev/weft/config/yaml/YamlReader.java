package dev.weft.config.yaml;

import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads a text of one or more YAML documents into nodes. A fault of syntax ends the text it stands
 * in; documents before it are still read, so that their problems are told too.
 */
public final class YamlReader {

  /** Most bytes of one text. */
  public static final int MOST_BYTES = 10_000_000;

  private static final int MOST_NODES = 2_000_000;
  private static final int MOST_DEPTH = 100;
  private static final int MOST_ALIASES = 1000;
  private static final Set<Tag> PLAIN_TAGS =
      Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.MAP, Tag.SEQ);

  private final String file;
  private final Problems problems;
  private int nodes;

  private YamlReader(String file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /**
   * @param file as it is named in places
   * @return the documents that could be read, empty ones left out
   */
  public static List<YamlNode> read(String file, String text, Problems problems) {
    return new YamlReader(file, problems).read(text);
  }

  private List<YamlNode> read(String text) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_BYTES) {
      problems.error(
          Codes.TOO_LARGE,
          Place.of(file),
          "",
          bytes + " bytes (expected: at most " + MOST_BYTES + ")",
          "split it into several files");
      return List.of();
    }
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setUseMarks(true)
            .setAllowNonScalarKeys(true) // told with their place, below
            .setMaxAliasesForCollections(MOST_ALIASES)
            .setCodePointLimit(MOST_BYTES)
            .build();
    List<YamlNode> documents = new ArrayList<>();
    try {
      Iterator<Node> all = new Compose(settings).composeAllFromString(text).iterator();
      while (all.hasNext()) {
        Node root = all.next();
        nodes = 0;
        YamlNode document = convert(root, 0);
        if (!(document instanceof YamlNode.Scalar scalar && scalar.isNull())) {
          documents.add(document);
        }
      }
    } catch (TooLarge e) {
      problems.error(Codes.TOO_LARGE, e.place, "", e.what, "write it without aliases");
    } catch (MarkedYamlEngineException e) {
      Place place = e.getProblemMark().map(this::place).orElse(Place.of(file));
      String context = e.getContext() == null ? "" : " " + e.getContext();
      problems.error(Codes.YAML, place, "", "broken YAML: " + e.getProblem() + context, hint(e));
    } catch (ReaderException e) {
      problems.error(
          Codes.YAML,
          at(text, e.getPosition()),
          "",
          String.format("character U+%04X is not allowed in YAML", e.getCodePoint()),
          "write it as an escape within double quotes, or remove it");
    } catch (YamlEngineException e) {
      problems.error(Codes.YAML, Place.of(file), "", "broken YAML: " + e.getMessage(), "");
    }
    return documents;
  }

  /** The place of a character, counted in code points as the parser does. */
  private Place at(String text, int index) {
    int line = 1;
    int column = 1;
    int[] points = text.codePoints().limit(index).toArray();
    for (int point : points) {
      column = point == '\n' ? 1 : column + 1;
      line += point == '\n' ? 1 : 0;
    }
    return new Place(file, line, column);
  }

  private static String hint(MarkedYamlEngineException e) {
    String problem = String.valueOf(e.getProblem());
    if (problem.contains("\\t") || problem.contains("TAB")) {
      return "indent with spaces; YAML allows no tab there";
    }
    if (problem.contains("mapping values are not allowed")) {
      return "check the indentation, and quote a value that holds ': '";
    }
    return "check indentation, quotes and colons around there";
  }

  private YamlNode convert(Node node, int depth) {
    Place place = node.getStartMark().map(this::place).orElse(Place.of(file));
    if (++nodes > MOST_NODES) {
      throw new TooLarge(place, "more than " + MOST_NODES + " values once aliases are followed");
    }
    if (depth > MOST_DEPTH) {
      throw new TooLarge(place, "nested more than " + MOST_DEPTH + " deep");
    }
    if (!PLAIN_TAGS.contains(node.getTag())) {
      problems.error(
          Codes.TAG,
          place,
          "",
          "tag " + node.getTag().getValue() + " (expected: plain YAML)",
          "remove the tag");
    }
    if (node instanceof MappingNode mapping) {
      return mapping(mapping, place, depth);
    }
    if (node instanceof SequenceNode sequence) {
      List<YamlNode> items = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        items.add(convert(item, depth + 1));
      }
      return new YamlNode.Sequence(place, items);
    }
    ScalarNode scalar = (ScalarNode) node;
    boolean plain = scalar.getScalarStyle() == ScalarStyle.PLAIN;
    return new YamlNode.Scalar(place, scalar.getValue(), plain);
  }

  private YamlNode mapping(MappingNode node, Place place, int depth) {
    List<YamlNode.Entry> entries = new ArrayList<>();
    Map<String, Place> seen = new HashMap<>();
    for (NodeTuple tuple : node.getValue()) {
      Place keyPlace = tuple.getKeyNode().getStartMark().map(this::place).orElse(place);
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.error(
            Codes.WRONG_TYPE, keyPlace, "", "a key that is not a text", "keys are field names");
        continue;
      }
      Optional<Place> before = Optional.ofNullable(seen.putIfAbsent(key.getValue(), keyPlace));
      if (before.isPresent()) {
        problems.error(
            Codes.DUPLICATE_KEY,
            keyPlace,
            "",
            "key '" + key.getValue() + "' a second time (first at " + before.get() + ")",
            "keep one of them");
        continue;
      }
      entries.add(
          new YamlNode.Entry(key.getValue(), keyPlace, convert(tuple.getValueNode(), depth + 1)));
    }
    return new YamlNode.Mapping(place, entries);
  }

  private Place place(Mark mark) {
    return new Place(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  /** Ends the reading of a document that is too large to be meant. */
  private static final class TooLarge extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Place place;
    private final String what;

    TooLarge(Place place, String what) {
      super(what, null, false, false);
      this.place = place;
      this.what = what;
    }
  }
}
