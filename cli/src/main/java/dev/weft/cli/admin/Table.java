package dev.weft.cli.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Rows whose columns stand below each other, in text that steers no terminal. */
public final class Table {

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

  /** Whether there is nothing below the head. */
  public boolean empty() {
    return rows.size() == 1;
  }

  /** Each line without its end. */
  public List<String> lines() {
    int[] widths =
        IntStream.range(0, rows.get(0).size())
            .map(at -> rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0))
            .toArray();
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
    }
    return line.toString().stripTrailing();
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
