package dev.weft.routing.process.flags;

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

  public Manual {
    about = List.copyOf(about);
    flags = List.copyOf(flags);
    footer = List.copyOf(footer);
  }

  /** A line for the usage, what it is about, and each flag. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("Usage: ").append(command).append(' ').append(required).append(" [FLAGS]\n\n");
    about.forEach(line -> text.append(line).append('\n'));
    text.append('\n');
    for (Flag flag : flags) {
      if (!flag.about().isEmpty()) {
        text.append("  ").append(flag.usage());
        text.append(flag.takes() == Flag.Takes.SEVERAL ? "  (repeatable)\n" : "\n");
        text.append(UNDER).append(String.join("\n" + UNDER, flag.about()));
        flag.otherwise().ifPresent(value -> text.append(" Default: ").append(value).append('.'));
        text.append('\n');
      }
    }
    text.append("  -h, --help\n").append(UNDER).append("Tells this.\n");
    text.append("  -V, --version\n").append(UNDER).append("Tells the version.\n\n");
    footer.forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }
}
