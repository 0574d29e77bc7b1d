package dev.weft.control.inject;

import dev.weft.config.yaml.YamlNode;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * YAML as {@code kubectl} reads it, which is that of 1.1: {@code 0644} is a number of base eight,
 * and {@code yes} a truth. What is written means the same in 1.1, 1.2 and JSON: texts that could be
 * taken for something else are in double quotes.
 */
final class YamlText {

  private static final Set<String> TRUE = Set.of("true", "yes", "on", "y");
  private static final Set<String> FALSE = Set.of("false", "no", "off", "n");
  private static final Pattern WHOLE = Pattern.compile("[+-]?(0|[1-9]\\d{0,17})");
  private static final Pattern OCTAL = Pattern.compile("0o?[0-7]{1,15}");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?\\d{1,18}\\.\\d{0,18}([eE][+-]?\\d{1,3})?");
  private static final Pattern BARE = Pattern.compile("[A-Za-z/][A-Za-z0-9/._-]*");
  private static final int OCTAL_BASE = 8;
  private static final String STEP = "  ";

  private YamlText() {}

  /** What a document means. */
  static @Nullable Object value(YamlNode node) {
    if (node instanceof YamlNode.Mapping mapping) {
      JsonObject object = new JsonObject();
      mapping.entries().forEach(entry -> object.put(entry.key(), value(entry.value())));
      return object;
    }
    if (node instanceof YamlNode.Sequence sequence) {
      JsonArray array = new JsonArray();
      sequence.items().forEach(item -> array.add(value(item)));
      return array;
    }
    return scalar((YamlNode.Scalar) node);
  }

  private static @Nullable Object scalar(YamlNode.Scalar scalar) {
    String text = scalar.text();
    if (!scalar.plain()) {
      return text;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (text.isEmpty() || lower.equals("~") || lower.equals("null")) {
      return null;
    }
    if (TRUE.contains(lower) || FALSE.contains(lower)) {
      return TRUE.contains(lower);
    }
    if (WHOLE.matcher(text).matches()) {
      return Long.valueOf(text);
    }
    if (OCTAL.matcher(text).matches()) {
      return Long.valueOf(text.replace("o", ""), OCTAL_BASE);
    }
    return DECIMAL.matcher(text).matches() ? (Object) new BigDecimal(text).doubleValue() : text;
  }

  /** A document, with a line break at its end. */
  static String of(JsonObject document) {
    StringBuilder text = new StringBuilder();
    mapping(text, document, "", "");
    return text.toString();
  }

  private static void mapping(StringBuilder text, JsonObject object, String first, String indent) {
    String lead = first;
    for (Map.Entry<String, Object> entry : object) {
      text.append(lead).append(quoted(entry.getKey())).append(':');
      below(text, entry.getValue(), indent);
      lead = indent;
    }
  }

  private static void below(StringBuilder text, @Nullable Object value, String indent) {
    if (value instanceof JsonObject inner && !inner.isEmpty()) {
      text.append('\n');
      mapping(text, inner, indent + STEP, indent + STEP);
    } else if (value instanceof JsonArray items && !items.isEmpty()) {
      text.append('\n');
      sequence(text, items, indent);
    } else {
      text.append(' ').append(leaf(value)).append('\n');
    }
  }

  private static void sequence(StringBuilder text, JsonArray items, String indent) {
    for (Iterator<Object> each = items.iterator(); each.hasNext(); ) {
      Object item = each.next();
      text.append(indent).append('-');
      if (item instanceof JsonObject inner && !inner.isEmpty()) {
        mapping(text, inner, " ", indent + STEP);
      } else {
        below(text, item, indent + STEP);
      }
    }
  }

  private static String leaf(@Nullable Object value) {
    return value instanceof String text ? quoted(text) : Json.encode(value);
  }

  private static String quoted(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    boolean bare =
        BARE.matcher(text).matches()
            && !TRUE.contains(lower)
            && !FALSE.contains(lower)
            && !lower.equals("null");
    return bare
        ? text
        : text.codePoints().mapToObj(YamlText::escaped).collect(Collectors.joining("", "\"", "\""));
  }

  private static String escaped(int c) {
    if (c == '\n') {
      return "\\n";
    }
    if (c == '"' || c == '\\') {
      return "\\" + (char) c;
    }
    boolean shown = (c >= ' ' && c < 0x7F) || Character.isLetterOrDigit(c);
    return shown ? Character.toString(c) : String.format(c > 0xFFFF ? "\\U%08X" : "\\u%04X", c);
  }
}
