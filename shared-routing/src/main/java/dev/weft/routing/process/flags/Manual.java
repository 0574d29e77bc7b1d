package dev.weft.routing.process.flags;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@code --help} tells of a command.
 *
 * @param command with its program, e.g. {@code weft sidecar}
 * @param required what it cannot do without, as one writes it, e.g. {@code --config SRC}
 */
public record Manual(
    String command, String required, List<String> about, List<Flag> flags, List<String> footer) {

  private static final String UNDER = " ".repeat(8);
  private static final int WIDTH = 80;

  public Manual {
    about = List.copyOf(about);
    flags = List.copyOf(flags);
    footer = List.copyOf(footer);
  }

  /** A line for the usage, what it is about, and each flag. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("Usage: ").append(command).append(' ').append(required).append(" [FLAGS]\n\n");
    add(text, "", about);
    text.append('\n');
    for (Flag flag : flags) {
      if (!flag.about().isEmpty()) {
        text.append("  ").append(flag.usage());
        text.append(flag.takes() == Flag.Takes.SEVERAL ? "  (repeatable)\n" : "\n");
        List<String> told = new ArrayList<>(flag.about());
        flag.otherwise().ifPresent(value -> told.add("Default: " + value + "."));
        add(text, UNDER, told);
      }
    }
    text.append("  -h, --help\n").append(UNDER).append("Tells this.\n");
    text.append("  -V, --version\n").append(UNDER).append("Tells the version.\n\n");
    add(text, "", footer);
    return text.toString();
  }

  /** Fills lines with words; what is empty, or begins with a space, stays as it is. */
  private static void add(StringBuilder text, String indent, List<String> lines) {
    StringBuilder filled = new StringBuilder();
    for (String line : lines) {
      if (line.isEmpty() || line.charAt(0) == ' ') {
        end(text, filled);
        text.append(line).append('\n');
      } else {
        for (String word : line.split(" ", -1)) {
          if (filled.length() + 1 + word.length() > WIDTH) {
            end(text, filled);
          }
          filled.append(filled.length() == 0 ? indent : " ").append(word);
        }
      }
    }
    end(text, filled);
  }

  private static void end(StringBuilder text, StringBuilder filled) {
    if (filled.length() > 0) {
      text.append(filled).append('\n');
      filled.setLength(0);
    }
  }
}
