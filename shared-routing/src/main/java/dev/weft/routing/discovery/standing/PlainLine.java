package dev.weft.routing.discovery.standing;

import java.util.regex.Pattern;

/** Words of somebody else, so that they can stand in a log, an annotation and a terminal. */
public final class PlainLine {

  /** Controls of both kinds, what turns the direction of text, line ends, halves of characters. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]+");

  private PlainLine() {}

  /**
   * One line without anything that cannot be seen.
   *
   * @param longest in characters; what is cut ends in three dots more
   */
  public static String of(String words, int longest) {
    boolean cut = words.length() > longest;
    String kept = cut ? words.substring(0, longest) : words;
    return UNSEEN.matcher(kept).replaceAll(" ") + (cut ? "..." : "");
  }
}
