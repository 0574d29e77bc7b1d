package dev.weft.sidecar.intercept;

import java.util.List;
import java.util.stream.Stream;

/**
 * What stands in a nat table of ours.
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
   * @param saved what {@code iptables-save -t nat} printed
   */
  static Present of(Stream<String> saved) {
    List<String> ours = saved.filter(line -> line.contains(Rules.PREFIX)).toList();
    return new Present(
        Rules.CHAINS.stream()
            .filter(name -> ours.stream().anyMatch(line -> line.startsWith(":" + name + " ")))
            .toList(),
        ours.stream().filter(Present::inside).toList(),
        ours.stream()
            .filter(line -> line.startsWith(ADD) && !inside(line))
            .filter(line -> Rules.CHAINS.stream().anyMatch(name -> line.endsWith(" -j " + name)))
            .toList());
  }

  private static boolean inside(String line) {
    return Rules.CHAINS.stream().anyMatch(name -> line.startsWith(ADD + name + " "));
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
