package dev.weft.config.istio.security;

import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy.Values;
import dev.weft.config.model.security.IpBlock;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Reads the lists of a source, an operation or a condition, each word checked by what it is. */
final class Words {

  private static final int LAST_PORT = 65535;
  private static final String SPIFFE = "spiffe://";
  private static final Pattern ACCOUNT =
      Pattern.compile("([a-z0-9][-a-z0-9]*/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?");

  private final Fields fields;
  private final String namespace;

  /** What a word is. */
  enum Kind {
    TEXT,
    PRINCIPAL,
    ACCOUNT,
    ADDRESS,
    PORT,
    METHOD,
    PATH
  }

  Words(Fields fields) {
    this(fields, "");
  }

  /**
   * @param meta whose namespace an account without one is of
   */
  Words(Fields fields, Meta meta) {
    this(fields, meta.namespace());
  }

  private Words(Fields fields, String namespace) {
    this.fields = fields;
    this.namespace = namespace;
  }

  /** Notes a list that is there and has nothing, which looks like nobody and means everybody. */
  static void empty(Fields fields, String name) {
    fields.error(
        Codes.MISSING_FIELD, name, name + " is empty (expected: at least one)", "or leave it out");
  }

  Values read(String in, String not, Kind kind) {
    return new Values(list(in, kind), list(not, kind));
  }

  private List<String> list(String name, Kind kind) {
    List<YamlNode> items = fields.items(name);
    if (items.isEmpty() && fields.has(name)) {
      empty(fields, name);
    }
    List<String> all = fields.texts(name);
    if (all.size() != items.size()) {
      return all; // one of them is no text, and told
    }
    List<String> words = new ArrayList<>(all.size());
    for (int i = 0; i < all.size(); i++) {
      words.add(checked(new At(name + "[" + i + "]", items.get(i)), all.get(i), kind));
    }
    return words;
  }

  /** Where a word stands. */
  private record At(String name, YamlNode node) {}

  private String checked(At at, String word, Kind kind) {
    if (word.isEmpty()) {
      error(
          at, Codes.OUT_OF_RANGE, "an empty text (expected: some text)", "* is any that is there");
      return word;
    }
    switch (kind) {
      case ADDRESS -> {
        if (IpBlock.parse(word).isEmpty()) {
          wrong(at, word, "an address or a block such as 10.0.0.0/8");
        }
      }
      case PORT -> {
        if (!word.matches("[1-9]\\d{0,4}") || Integer.parseInt(word) > LAST_PORT) {
          wrong(at, word, "1 to 65535");
        }
      }
      case ACCOUNT -> {
        return account(at, word);
      }
      case PATH -> path(at, word);
      case METHOD -> {
        if (!word.equals(word.toUpperCase(Locale.ROOT))) {
          warning(at, "'" + word + "': methods are told apart by case", "write upper case");
        }
        wildcards(at, word);
      }
      case PRINCIPAL -> {
        wildcards(at, word);
        return word.startsWith(SPIFFE) ? word.substring(SPIFFE.length()) : word;
      }
      case TEXT -> wildcards(at, word);
    }
    return word;
  }

  private String account(At at, String word) {
    if (!ACCOUNT.matcher(word).matches()) {
      wrong(at, word, "NAMESPACE/ACCOUNT, without wildcards");
    }
    return word.indexOf('/') < 0 ? namespace + "/" + word : word;
  }

  private void path(At at, String word) {
    boolean template = word.indexOf('{') >= 0 || word.indexOf('}') >= 0;
    if (word.charAt(0) != '/' && word.charAt(0) != '*') {
      error(
          at,
          Codes.OUT_OF_RANGE,
          "path '" + Fields.shortened(word) + "' matches nothing (expected: it begins with / or *)",
          "");
    } else if (word.indexOf('?') >= 0 || word.indexOf('#') >= 0) {
      error(
          at,
          Codes.OUT_OF_RANGE,
          "path '" + Fields.shortened(word) + "' matches nothing (expected: no query)",
          "paths are compared without what follows the ?");
    } else if (template) {
      template(at, word);
    } else {
      wildcards(at, word);
    }
  }

  /** Source: Istio's path templates, where an operator is a whole segment. */
  private void template(At at, String word) {
    boolean many = false;
    for (String segment : word.split("/", -1)) {
      boolean operator = segment.equals("{*}") || segment.equals("{**}");
      boolean strange =
          segment.indexOf('{') >= 0 || segment.indexOf('}') >= 0 || segment.indexOf('*') >= 0;
      if (strange && !operator) {
        wrong(at, word, "{*} and {**} as whole segments, and no other wildcard");
        return;
      }
      if (operator && many) {
        wrong(at, word, "no {*} or {**} behind {**}");
        return;
      }
      many |= segment.equals("{**}");
    }
  }

  /** A star that is neither first nor last is a character like others. */
  private void wildcards(At at, String word) {
    int first = word.startsWith("*") ? 1 : 0;
    int last = word.length() - (word.endsWith("*") && first < word.length() ? 1 : 0);
    boolean both = first == 1 && last == word.length() - 1;
    if (word.length() > 1 && (both || word.substring(first, last).indexOf('*') >= 0)) {
      warning(
          at,
          "'" + Fields.shortened(word) + "' has a * that is no wildcard",
          "only one, at the beginning or the end, stands for other text");
    }
  }

  private void wrong(At at, String word, String expected) {
    error(
        at,
        Codes.OUT_OF_RANGE,
        "'" + Fields.shortened(word) + "' (expected: " + expected + ")",
        "");
  }

  private void error(At at, String code, String message, String hint) {
    fields.problems().error(code, at.node.place(), fields.path(at.name), message, hint);
  }

  private void warning(At at, String message, String hint) {
    fields.problems().warning(Codes.TRAP, at.node.place(), fields.path(at.name), message, hint);
  }
}
