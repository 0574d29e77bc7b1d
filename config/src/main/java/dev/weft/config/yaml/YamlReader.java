package dev.weft.config.yaml;

import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;

/**
 * Reads a text of one or more YAML documents into nodes. A fault of syntax ends the text it stands
 * in; documents before it are still read, so that their problems are told too.
 *
 * <p>Events are taken one by one, so that a text that is too deep or grows without bound ends where
 * the bound is passed; nothing here recurses.
 */
public final class YamlReader {

  /** Most bytes of one text. */
  public static final int MOST_BYTES = 10_000_000;

  private static final int LEAST_BUFFER = 1024;
  private static final int BUFFERS = 16; // a line is read in so many steps, each of which copies it

  private final String file;
  private final Problems problems;
  private Optional<Mark> reached = Optional.empty(); // the end of what was read last

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
    if (text.length() > MOST_BYTES || text.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
      problems.error(
          Codes.TOO_LARGE,
          Place.of(file),
          "",
          "too large (expected: at most " + MOST_BYTES + " bytes)",
          "split it into several files");
      return List.of();
    }
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setUseMarks(true)
            .setCodePointLimit(MOST_BYTES)
            .setBufferSize(Math.max(LEAST_BUFFER, text.length() / BUFFERS))
            .build();
    NodeBuilder nodes = new NodeBuilder(file, problems);
    try {
      for (Event event : new Parse(settings).parseString(text)) {
        nodes.take(event);
        reached = event.getEndMark();
      }
    } catch (NodeBuilder.Fault fault) {
      problems.error(fault.code(), fault.place(), "", fault.what(), fault.hint());
    } catch (MarkedYamlEngineException e) {
      Place place = e.getProblemMark().or(() -> reached).map(this::place).orElse(Place.of(file));
      String context = e.getContext() == null ? "" : " " + e.getContext();
      String told = ("broken YAML: " + e.getProblem() + context).strip();
      problems.error(Codes.YAML, place, "", told, hint(String.valueOf(e.getProblem())));
    } catch (YamlVersionException e) {
      String shown = e.getSpecVersion().getMajor() + "." + e.getSpecVersion().getMinor();
      Place place = at(text, Math.max(0, text.indexOf("%YAML")));
      problems.error(Codes.YAML, place, "", "%YAML " + shown + " (expected: 1.2)", "");
    } catch (ReaderException e) {
      Place place = at(text, e.getPosition());
      problems.error(Codes.YAML, place, "", unreadable(e.getCodePoint()), howTo(e.getCodePoint()));
    } catch (YamlEngineException e) {
      Place place = reached.map(this::place).orElse(Place.of(file)); // it has none, but is near
      String told = String.valueOf(e.getMessage());
      problems.error(Codes.YAML, place, "", "broken YAML: " + told, hint(told));
    }
    return nodes.documents();
  }

  private static String unreadable(int codePoint) {
    return Utf8.isForeign(codePoint)
        ? String.format("byte 0x%02X is no UTF-8", Utf8.foreignByte(codePoint))
        : String.format("character U+%04X is not allowed in YAML", codePoint);
  }

  private static String howTo(int codePoint) {
    return Utf8.isForeign(codePoint)
        ? "save the file as UTF-8"
        : "write it as an escape within double quotes, or remove it";
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

  private static String hint(String problem) {
    if (problem.contains("\\t") || problem.contains("TAB")) {
      return "indent with spaces; YAML allows no tab there";
    }
    if (problem.contains("mapping values are not allowed")) {
      return "check the indentation, and quote a value that holds ': '";
    }
    return "check indentation, quotes and colons around there";
  }

  private Place place(Mark mark) {
    return new Place(file, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
