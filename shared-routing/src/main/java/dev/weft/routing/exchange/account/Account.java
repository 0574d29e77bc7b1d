package dev.weft.routing.exchange.account;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * How the decision about one request came about, noted where it was made, for a caller who asked
 * and may know. There is none for any other request. Belongs to its exchange's event loop.
 */
public final class Account {

  private static final int MOST_RULES = 64; // more than a header has room for

  private final Map<String, String> facts = new LinkedHashMap<>();
  private final List<Tried> tried = new ArrayList<>();
  private int omitted;
  private String token = "";

  /**
   * A rule that was tried.
   *
   * @param why it was not chosen; empty for the one that was
   */
  public record Tried(String rule, String why) {}

  /**
   * Notes something, in the order in which it is told.
   *
   * @param name of lower case letters, digits and hyphens; what was said of it before is replaced
   */
  public void say(String name, String value) {
    facts.put(name, value);
  }

  /** What was noted, in its order. */
  public Map<String, String> facts() {
    return Collections.unmodifiableMap(facts);
  }

  /** Notes a rule that was tried; of very many only the first are kept, the others counted. */
  public void tried(String rule, String why) {
    if (tried.size() < MOST_RULES) {
      tried.add(new Tried(rule, why));
    } else {
      omitted++;
    }
  }

  /** Whether the text of a further rule would be kept. */
  public boolean takesMore() {
    return tried.size() < MOST_RULES;
  }

  /** The first of the rules that were tried, in their order. */
  public List<Tried> tried() {
    return List.copyOf(tried);
  }

  /** How many rules were tried that are not in {@link #tried()}. */
  public int omitted() {
    return omitted;
  }

  /** A further attempt begins, and nobody is asked by it so far. */
  public void alone() {
    token = "";
  }

  /**
   * The last attempt goes to a proxy of the mesh, which is to explain its part as well.
   *
   * @return what it is asked with, and proves by that it is no application behind it that answers:
   *     nobody could guess it, and no application gets it
   */
  public String asking() {
    token = UUID.randomUUID().toString();
    return token;
  }

  /** With what the last attempt asked; empty where it asked nobody. */
  public String asked() {
    return token;
  }
}
