package dev.weft.gateway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A line of {@code x-weft-explain}, read as RFC 8941 has it; anything else is an error. */
record ToldDecision(String hop, Map<String, String> facts) {

  private static final Pattern PARAMETER =
      Pattern.compile("; ([a-z][a-z0-9-]*)=(?:(-?\\d+)|\"((?:[ !#-\\[\\]-~]|\\\\[\"\\\\])*)\")");

  static ToldDecision of(String line) {
    int end = line.indexOf(';');
    if (end < 0) {
      throw new IllegalArgumentException("no parameters: " + line);
    }
    Map<String, String> facts = new LinkedHashMap<>();
    Matcher parameter = PARAMETER.matcher(line);
    int at = end;
    while (at < line.length()) {
      if (!parameter.find(at) || parameter.start() != at) {
        throw new IllegalArgumentException("at " + at + ": " + line);
      }
      String text = parameter.group(3);
      String value = text == null ? parameter.group(2) : text.replaceAll("\\\\(.)", "$1");
      if (facts.put(parameter.group(1), value) != null) {
        throw new IllegalArgumentException("twice " + parameter.group(1) + ": " + line);
      }
      at = parameter.end();
    }
    return new ToldDecision(line.substring(0, end), facts);
  }

  String text(String name) {
    return facts.getOrDefault(name, "");
  }

  boolean has(String name) {
    return facts.containsKey(name);
  }

  /** The rules that were tried, in their order, each with why it was not chosen. */
  List<String> rules() {
    List<String> all = new ArrayList<>();
    for (int i = 1; has("rule" + i); i++) {
      all.add(text("rule" + i));
    }
    return all;
  }
}
