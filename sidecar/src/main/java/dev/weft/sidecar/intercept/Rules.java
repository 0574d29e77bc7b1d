package dev.weft.sidecar.intercept;

import dev.weft.sidecar.intercept.Wanted.Network;
import dev.weft.sidecar.intercept.Wanted.Owner;
import dev.weft.sidecar.intercept.Wanted.Ports;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What {@code iptables-restore --noflush} is given, a transaction for each table: all of it holds,
 * or none. Pure. All rules are in chains of our own, which are emptied by being named, so that
 * writing twice is writing once; of other chains only the jumps to ours are touched.
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

  private static final String INBOUND = Table.NAT.chains().get(0);
  private static final String OUTBOUND = Table.NAT.chains().get(1);
  private static final String TPROXY = Table.MANGLE.chains().get(0);
  private static final String DELIVERED = Table.MANGLE.chains().get(1);
  private static final String MARKED = "-m mark --mark " + MarkedRoute.MARK;
  private static final String LOCAL = "-A PREROUTING -p tcp -m addrtype --dst-type LOCAL -j ";

  private Rules() {}

  /** Writes what is wanted in place of what is there. */
  static String install(Wanted wanted, Family family, Installed there) {
    List<String> lines = new ArrayList<>(Table.NAT.chains().stream().map(Rules::chain).toList());
    lines.addAll(inbound(wanted));
    lines.addAll(outbound(wanted, family));
    there.nat().withoutJumps().forEach(lines::add);
    if (!wanted.transparent()) {
      lines.add(LOCAL + INBOUND);
    }
    lines.add("-A OUTPUT -p tcp -j " + OUTBOUND);
    String nat = transaction(Table.NAT, lines);
    return wanted.transparent()
        ? nat + transaction(Table.MANGLE, transparent(wanted, there.mangle()))
        : nat + without(Table.MANGLE, there.mangle());
  }

  /** Takes away what is there, and nothing else. */
  static String remove(Installed there) {
    return without(Table.NAT, there.nat()) + without(Table.MANGLE, there.mangle());
  }

  private static String without(Table table, Present present) {
    if (present.nothing()) {
      return "";
    }
    List<String> lines = new ArrayList<>(present.chains().stream().map(Rules::chain).toList());
    present.withoutJumps().forEach(lines::add);
    present.chains().forEach(name -> lines.add("-X " + name));
    return transaction(table, lines);
  }

  /** Brings back {@code before} where {@code now} is there. */
  static String restore(Installed before, Installed now) {
    return restore(Table.NAT, before.nat(), now.nat())
        + restore(Table.MANGLE, before.mangle(), now.mangle());
  }

  private static String restore(Table table, Present before, Present now) {
    if (before.nothing() && now.nothing()) {
      return "";
    }
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
    return transaction(table, lines);
  }

  /**
   * What arrives is handed to the sidecar with its addresses. The sidecar reaches its application
   * from the caller's address, by marked connections: what the application answers is known by
   * them, and stays here.
   */
  private static List<String> transparent(Wanted wanted, Present present) {
    List<String> lines = new ArrayList<>(Table.MANGLE.chains().stream().map(Rules::chain).toList());
    lines.add(rule(TPROXY, "-i lo -j RETURN"));
    lines.add(rule(TPROXY, "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"));
    for (Ports ports : wanted.exceptInbound()) {
      lines.add(rule(TPROXY, "-p tcp --dport " + ports.match() + " -j RETURN"));
    }
    lines.add(rule(TPROXY, "-p tcp -j TPROXY --on-port " + wanted.inboundPort()));
    lines.add(rule(DELIVERED, MARKED + " -j CONNMARK --save-mark"));
    lines.add(
        rule(DELIVERED, "-m connmark --mark " + MarkedRoute.MARK + " -j CONNMARK --restore-mark"));
    present.withoutJumps().forEach(lines::add);
    lines.add(LOCAL + TPROXY);
    lines.add("-A OUTPUT -p tcp -j " + DELIVERED);
    return lines;
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
    if (wanted.transparent()) {
      lines.add(rule(OUTBOUND, MARKED + " -j RETURN"));
    }
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

  private static String transaction(Table table, List<String> lines) {
    return "*" + table.text() + "\n" + String.join("\n", lines) + "\nCOMMIT\n";
  }
}
