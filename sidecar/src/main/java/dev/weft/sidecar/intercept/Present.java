package dev.weft.sidecar.intercept;

import java.util.List;
import java.util.stream.Stream;

/**
 * What stands in a table of ours.
 *
 * @param chains of ours, by name
 * @param rules in those chains, as {@code iptables-save} prints them
 * @param jumps to those chains from others, likewise
 */
record Present(List<String> chains, List<String> rules, List<String> jumps) {

  static final Present NOTHING = new Present(List.of(), List.of(), List.of());

  private static final String ADD = "-A ";

  Present {
    chains = List.copyOf(chains);
    rules = List.copyOf(rules);
    jumps = List.copyOf(jumps);
  }

  /**
   * @param saved what {@code iptables-save -t TABLE} printed
   */
  static Present of(Table table, Stream<String> saved) {
    List<String> ours = saved.filter(line -> line.contains(Rules.PREFIX)).toList();
    return new Present(
        table.chains().stream()
            .filter(name -> ours.stream().anyMatch(line -> line.startsWith(":" + name + " ")))
            .toList(),
        ours.stream().filter(line -> inside(table, line)).toList(),
        ours.stream()
            .filter(line -> line.startsWith(ADD) && !inside(table, line))
            .filter(line -> table.chains().stream().anyMatch(name -> line.endsWith(" -j " + name)))
            .toList());
  }

  private static boolean inside(Table table, String line) {
    return table.chains().stream().anyMatch(name -> line.startsWith(ADD + name + " "));
  }

  boolean nothing() {
    return chains.isEmpty() && jumps.isEmpty();
  }

  /** In the order in which a packet meets them. */
  Stream<String> lines() {
    return Stream.concat(jumps.stream(), rules.stream());
  }

  /** Each jump as the command that takes it away. */
  Stream<String> withoutJumps() {
    return jumps.stream().map(jump -> "-D " + jump.substring(ADD.length()));
  }
}
