package dev.weft.sidecar.intercept;

import dev.weft.sidecar.intercept.Wanted.Network;
import dev.weft.sidecar.intercept.Wanted.Owner;
import dev.weft.sidecar.intercept.Wanted.Ports;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What {@code iptables-restore --noflush} is given, one transaction each: all of it holds, or none.
 * Pure. All rules are in chains of our own, which are emptied by being named, so that writing twice
 * is writing once; of other chains only the jumps to ours are touched.
 *
 * <p>The sidecar's own connections are known by their owner and left alone, but for those to an
 * address of this workload, which are taken as if they came from outside: the service that calls
 * itself meets its own inbound port. The sidecar reaches its application from an address that
 * nobody else uses ({@link Family#delivery}).
 *
 * <p>Source: iptables-restore(8), iptables-extensions(8) (REDIRECT, owner, mark, addrtype).
 */
final class Rules {

  /** What the names of our chains begin with. */
  static final String PREFIX = "WEFT_";

  private static final String INBOUND = PREFIX + "INBOUND";
  private static final String OUTBOUND = PREFIX + "OUTBOUND";

  static final List<String> CHAINS = List.of(INBOUND, OUTBOUND);

  private Rules() {}

  /** Writes what is wanted in place of what is there. */
  static String install(Wanted wanted, Family family, Present present) {
    List<String> lines = new ArrayList<>(CHAINS.stream().map(Rules::chain).toList());
    lines.addAll(inbound(wanted));
    lines.addAll(outbound(wanted, family));
    present.withoutJumps().forEach(lines::add);
    lines.add("-A PREROUTING -p tcp -m addrtype --dst-type LOCAL -j " + INBOUND);
    lines.add("-A OUTPUT -p tcp -j " + OUTBOUND);
    return transaction(lines);
  }

  /** Takes away what is there, and nothing else. */
  static String remove(Present present) {
    List<String> lines = new ArrayList<>(present.chains().stream().map(Rules::chain).toList());
    present.withoutJumps().forEach(lines::add);
    present.chains().forEach(name -> lines.add("-X " + name));
    return transaction(lines);
  }

  /** Brings back {@code before} where {@code now} is there. */
  static String restore(Present before, Present now) {
    List<String> lines = new ArrayList<>();
    Stream.concat(before.chains().stream(), now.chains().stream())
        .distinct()
        .map(Rules::chain)
        .forEach(lines::add);
    now.withoutJumps().forEach(lines::add);
    lines.addAll(before.rules());
    lines.addAll(before.jumps());
    now.chains().stream()
        .filter(name -> !before.chains().contains(name))
        .forEach(name -> lines.add("-X " + name));
    return transaction(lines);
  }

  private static List<String> inbound(Wanted wanted) {
    List<String> lines = new ArrayList<>();
    for (Ports ports : wanted.exceptInbound()) {
      lines.add(rule(INBOUND, "-p tcp --dport " + ports.match() + " -j RETURN"));
    }
    lines.add(rule(INBOUND, "-p tcp -j REDIRECT --to-ports " + wanted.inboundPort()));
    return lines;
  }

  private static List<String> outbound(Wanted wanted, Family family) {
    String proxy = wanted.proxy().match();
    List<String> lines = new ArrayList<>();
    lines.add(rule(OUTBOUND, "-s " + family.delivery() + " -o lo -j RETURN"));
    lines.add(
        rule(OUTBOUND, "! -d " + family.loopback() + " -o lo -p tcp " + proxy + " -j " + INBOUND));
    lines.add(rule(OUTBOUND, proxy + " -j RETURN"));
    lines.add(rule(OUTBOUND, "-o lo -j RETURN")); // the application speaks to itself
    for (Owner owner : wanted.exceptOwners()) {
      lines.add(rule(OUTBOUND, owner.match() + " -j RETURN"));
    }
    for (Ports ports : wanted.exceptOutbound()) {
      lines.add(rule(OUTBOUND, "-p tcp --dport " + ports.match() + " -j RETURN"));
    }
    for (Network network : wanted.exceptNetworks()) {
      if (network.family() == family) {
        lines.add(rule(OUTBOUND, "-d " + network.text() + " -j RETURN"));
      }
    }
    lines.add(rule(OUTBOUND, "-p tcp -j REDIRECT --to-ports " + wanted.outboundPort()));
    return lines;
  }

  private static String chain(String name) {
    return ":" + name + " - [0:0]";
  }

  private static String rule(String chain, String text) {
    return "-A " + chain + " " + text;
  }

  private static String transaction(List<String> lines) {
    return "*nat\n" + String.join("\n", lines) + "\nCOMMIT\n";
  }
}
