package dev.weft.routing.authorization;

import java.util.List;

/**
 * A word of a policy: itself, {@code abc*}, {@code *abc}, {@code *} for any text that is not empty,
 * or a template of a path. A match allocates nothing.
 *
 * <p>Source: Istio security/v1 {@code AuthorizationPolicy}, string matches.
 */
interface Word {

  boolean matches(String text);

  /** What the words of a field mean; {@code templates} whether braces stand for segments. */
  static List<Word> all(List<String> words, boolean templates) {
    return words.stream().map(word -> of(word, templates)).toList();
  }

  static Word of(String word, boolean templates) {
    if (word.equals("*")) {
      return text -> !text.isEmpty();
    }
    if (templates && word.indexOf('{') >= 0) {
      return new PathTemplate(word);
    }
    if (word.startsWith("*")) {
      String end = word.substring(1);
      return text -> text.endsWith(end);
    }
    if (word.endsWith("*")) {
      String start = word.substring(0, word.length() - 1);
      return text -> text.startsWith(start);
    }
    return word::equals;
  }

  static boolean any(List<Word> words, String text) {
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).matches(text)) {
        return true;
      }
    }
    return false;
  }
}
