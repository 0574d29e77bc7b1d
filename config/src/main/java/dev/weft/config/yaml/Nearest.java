package dev.weft.config.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The word that somebody probably meant. */
public final class Nearest {

  private static final int MOST_EDITS = 3;

  private Nearest() {}

  /** Of {@code words}, the one that the fewest edits away from {@code typed}; at most three. */
  public static Optional<String> to(String typed, Collection<String> words) {
    String wanted = typed.toLowerCase(Locale.ROOT);
    int most = Math.min(MOST_EDITS, Math.max(1, typed.length() / 2));
    return words.stream()
        .filter(word -> distance(wanted, word.toLowerCase(Locale.ROOT)) <= most)
        .min(Comparator.comparingInt(word -> distance(wanted, word.toLowerCase(Locale.ROOT))));
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
