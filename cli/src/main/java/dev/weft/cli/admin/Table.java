package dev.weft.cli.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Rows whose columns stand below each other, in text that steers no terminal. */
public final class Table {

  private static final int GAP = 2; // between columns
  private static final int NARROW = 16; // of a first column that is made as narrow as it may be
  private static final String LEFT_OUT = "..";

  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param heads of the columns
   */
  public Table(String... heads) {
    rows.add(List.of(heads));
  }

  /** One cell for each column. */
  public void row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(plain(String.valueOf(cell)));
    }
    rows.add(row);
  }

  /** A line of its own across all columns, of what follows. */
  public void across(String text) {
    rows.add(List.of(plain(text)));
  }

  /** Whether there is nothing below the head. */
  public boolean empty() {
    return rows.size() == 1;
  }

  /** Each line without its end. */
  public List<String> lines() {
    return lines(Integer.MAX_VALUE);
  }

  /**
   * The same, the first column narrower where they would not fit: its cells lose their middle.
   *
   * @param width that the lines should have at most
   */
  public List<String> lines(int width) {
    int[] widths = IntStream.range(0, rows.get(0).size()).map(this::widest).toArray();
    int whole = IntStream.of(widths).sum() + GAP * (widths.length - 1);
    widths[0] = Math.min(widths[0], Math.max(NARROW, widths[0] - whole + width));
    return rows.stream()
        .map(row -> row.size() < widths.length ? row.get(0) : line(row, widths))
        .toList();
  }

  private int widest(int column) {
    return rows.stream()
        .filter(row -> row.size() == rows.get(0).size())
        .mapToInt(row -> row.get(column).length())
        .max()
        .orElse(0);
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      String cell = shortened(row.get(i), widths[i]);
      line.append(cell).append(" ".repeat(widths[i] - cell.length() + GAP));
    }
    return line.toString().stripTrailing();
  }

  private static String shortened(String cell, int width) {
    if (cell.length() <= width) {
      return cell;
    }
    int end = (width - LEFT_OUT.length()) / 2;
    int begin = width - LEFT_OUT.length() - end;
    return cell.substring(0, begin) + LEFT_OUT + cell.substring(cell.length() - end);
  }

  /** What others said, such as a path, without what a terminal would act on; never empty. */
  public static String plain(String text) {
    if (text.isEmpty()) {
      return "-";
    }
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints()
        .map(point -> Character.isISOControl(point) || !printed(point) ? '?' : point)
        .forEach(plain::appendCodePoint);
    return plain.toString();
  }

  private static boolean printed(int point) {
    int type = Character.getType(point);
    return type != Character.FORMAT
        && type != Character.SURROGATE
        && type != Character.UNASSIGNED
        && type != Character.PRIVATE_USE
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR;
  }
}
