package dev.weft.routing.process.flags;

import dev.weft.config.yaml.Nearest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a command was given: by a flag, {@code --name VALUE} or {@code --name=VALUE}, else by the
 * flag's variable of the environment (an empty one is none), else what the flag is otherwise.
 *
 * <p>Plain loops: a process reads this while nothing is warm, and keeps what it takes.
 */
public final class Given {

  private static final String YES = "true";
  private static final String NO = "false";

  private final Map<String, Flag> known = new HashMap<>(); // by name
  private final Map<String, List<String>> values = new HashMap<>(); // by name

  private Given(List<Flag> flags) {
    for (Flag flag : flags) {
      known.put(flag.name(), flag);
    }
  }

  /**
   * @param words of the command line, without the command
   * @throws WrongUsage for what is no flag, a value too few or too many
   */
  public static Given of(List<Flag> flags, List<String> words, Map<String, String> environment) {
    Given given = new Given(flags);
    given.read(words);
    for (Flag flag : flags) {
      String variable = environment.getOrDefault(flag.variable(), "");
      if (!variable.isEmpty() && !given.values.containsKey(flag.name())) {
        given.add(flag, variable);
      }
    }
    return given;
  }

  private void read(List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      int equals = word.indexOf('=');
      Flag flag = flag(equals < 0 ? word : word.substring(0, equals));
      if (flag.takes() == Flag.Takes.ONE && values.containsKey(flag.name())) {
        throw new WrongUsage(flag.name() + " is given twice (expected: once)");
      }
      if (equals >= 0) {
        add(flag, word.substring(equals + 1));
      } else if (flag.takes() == Flag.Takes.NOTHING) {
        add(flag, YES);
      } else if (i + 1 < words.size() && !known.containsKey(words.get(i + 1))) {
        i++;
        add(flag, words.get(i));
      } else {
        throw new WrongUsage(flag.name() + " without a value (expected: " + flag.usage() + ")");
      }
    }
  }

  private Flag flag(String name) {
    Flag flag = known.get(name);
    if (flag == null) {
      String meant =
          Nearest.to(name, known.keySet()).map(n -> "; did you mean " + n + "?").orElse("");
      throw new WrongUsage("there is no flag '" + name + "'" + meant);
    }
    return flag;
  }

  private void add(Flag flag, String value) {
    List<String> all = values.computeIfAbsent(flag.name(), name -> new ArrayList<>());
    switch (flag.takes()) {
      case NOTHING -> {
        if (!value.equals(YES) && !value.equals(NO)) {
          throw new WrongUsage(flag.name() + "=" + value + " (expected: true or false)");
        }
        all.add(value);
      }
      case ONE, SEVERAL -> all.add(value);
      case LISTS -> all.addAll(List.of(value.split(",")));
    }
  }

  /** Whether a flag that takes nothing is given. */
  public boolean has(Flag flag) {
    return all(flag).contains(YES);
  }

  /** Empty where it is not given, and is nothing otherwise. */
  public Optional<String> one(Flag flag) {
    List<String> all = all(flag);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(0));
  }

  /** Of a flag that is something otherwise. */
  public String text(Flag flag) {
    return one(flag).orElseThrow();
  }

  /**
   * Of a flag that is a number otherwise.
   *
   * @throws WrongUsage outside of {@code from} to {@code to}
   */
  public int number(Flag flag, int from, int to) {
    String text = text(flag);
    try {
      int number = Integer.parseInt(text);
      if (number >= from && number <= to) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below, like a number out of its range
    }
    String range = to == Integer.MAX_VALUE ? from + " or more" : from + " to " + to;
    throw new WrongUsage(flag.name() + " " + text + " (expected: " + range + ")");
  }

  /**
   * Of a flag that is one of several words otherwise.
   *
   * @throws WrongUsage where it is none of them
   */
  public <E extends Enum<E>> E choice(Flag flag, E[] choices) {
    String text = text(flag);
    for (E choice : choices) {
      if (choice.name().equals(text)) {
        return choice;
      }
    }
    throw new WrongUsage(
        flag.name() + " " + text + " (expected: " + flag.label().replace("|", " or ") + ")");
  }

  /** In their order; empty where none is given. */
  public List<String> all(Flag flag) {
    List<String> all = values.get(flag.name());
    if (all != null) {
      return List.copyOf(all);
    }
    return flag.otherwise().isPresent() ? List.of(flag.otherwise().get()) : List.of();
  }

  /**
   * @throws WrongUsage where none is given
   */
  public List<String> required(Flag flag) {
    List<String> all = all(flag);
    if (all.isEmpty()) {
      throw new WrongUsage("without " + flag.name() + " (expected: " + flag.usage() + ")");
    }
    return all;
  }
}
