package dev.weft.testkit.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How long a test takes, and where it tells what it measured.
 *
 * <p>Tests are short in the build. With the system property {@code weft.full=true} they have the
 * length that their figures are claimed for; {@code weft.figures=FILE} collects what they tell,
 * {@code target/figures.txt} of the module unless said.
 */
public final class Figures {

  private Figures() {}

  /** The one for the build, or the other at full length. */
  public static int length(int reduced, int full) {
    return full() ? full : reduced;
  }

  /** Whether tests have the length that their figures are claimed for. */
  public static boolean full() {
    return Boolean.getBoolean("weft.full");
  }

  /** Tells a figure in one line; it is no assertion. */
  public static void tell(String line) {
    Path file = Path.of(System.getProperty("weft.figures", "target/figures.txt"));
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
