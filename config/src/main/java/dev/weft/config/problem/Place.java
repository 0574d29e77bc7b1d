package dev.weft.config.problem;

import java.util.Comparator;

/**
 * Where something stands: a file (or ConfigMap key), a line and a column, both from 1.
 *
 * @param file as the user named it: a path, or {@code configmap:prod/routes#search.yaml}
 * @param line from 1; 0 for the file as a whole
 * @param column from 1; 0 for the file as a whole
 */
public record Place(String file, int line, int column) implements Comparable<Place> {

  private static final Comparator<Place> ORDER =
      Comparator.comparing(Place::file)
          .thenComparingInt(Place::line)
          .thenComparingInt(Place::column);

  /** A file as a whole. */
  public static Place of(String file) {
    return new Place(file, 0, 0);
  }

  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }

  /** {@code search.yaml:9:7}, or {@code search.yaml} for the file as a whole. */
  @Override
  public String toString() {
    return line == 0 ? file : file + ":" + line + ":" + column;
  }
}
