package dev.weft.cli.live;

import java.util.ArrayList;
import java.util.List;

/** What fits on a terminal, and how it is painted there. Pure. */
final class Screen {

  /** What is shown of a section at least: its head, and what is worst. */
  private static final int LEAST = 3;

  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";
  private static final String HOME = "\u001b[H";

  private Screen() {}

  /**
   * @param text without what a terminal acts on
   */
  record Line(String text, Mood mood) {}

  /** How a line is painted, where there are colours. */
  enum Mood {
    PLAIN(""),
    HEAD("\u001b[1m"),
    POOR("\u001b[33m"),
    BAD("\u001b[31m");

    private static final String END = "\u001b[0m";

    private final String begin;

    Mood(String begin) {
      this.begin = begin;
    }

    private String paint(String text) {
      return begin.isEmpty() ? text : begin + text + END;
    }
  }

  /** All sections below each other, unpainted. */
  static String text(List<List<Line>> sections) {
    List<String> all = new ArrayList<>();
    for (Line line : joined(sections)) {
      all.add(line.text());
    }
    return String.join("\n", all);
  }

  /**
   * What a terminal is sent to show them in place of what it shows.
   *
   * @param width in columns, from 1
   * @param height in rows, from 1
   */
  static String frame(List<List<Line>> sections, int width, int height, boolean colours) {
    StringBuilder frame = new StringBuilder(HOME);
    List<Line> lines = joined(fitting(sections, height));
    int shown = Math.min(lines.size(), height);
    for (int i = 0; i < shown; i++) {
      String text = lines.get(i).text();
      String cut = text.length() > width ? text.substring(0, width) : text;
      frame
          .append(i == 0 ? "" : "\r\n")
          .append(colours ? lines.get(i).mood().paint(cut) : cut)
          .append(cut.length() < width ? CLEAR_LINE : "");
    }
    return frame.append(shown < height ? "\r\n" + CLEAR_BELOW : "").toString();
  }

  /** The longest give way, so that all have a place; the end of each says how many are missing. */
  private static List<List<Line>> fitting(List<List<Line>> sections, int height) {
    int[] places = sections.stream().mapToInt(List::size).toArray();
    int between = (int) sections.stream().filter(one -> !one.isEmpty()).count() - 1;
    int over = between - height;
    for (int one : places) {
      over += one;
    }
    while (over > 0) {
      int longest = 0;
      for (int i = 1; i < places.length; i++) {
        longest = places[i] > places[longest] ? i : longest;
      }
      if (places[longest] <= LEAST) {
        break;
      }
      places[longest]--;
      over--;
    }
    List<List<Line>> fitting = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      fitting.add(shortened(sections.get(i), places[i]));
    }
    return fitting;
  }

  private static List<Line> shortened(List<Line> section, int places) {
    if (section.size() <= places) {
      return section;
    }
    List<Line> kept = new ArrayList<>(section.subList(0, places - 1));
    kept.add(new Line("... and " + (section.size() - places + 1) + " more", Mood.PLAIN));
    return kept;
  }

  private static List<Line> joined(List<List<Line>> sections) {
    List<Line> all = new ArrayList<>();
    for (List<Line> section : sections) {
      if (!section.isEmpty() && !all.isEmpty()) {
        all.add(new Line("", Mood.PLAIN));
      }
      all.addAll(section);
    }
    return all;
  }
}
