package dev.weft.routing.route.tcp;

import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.DecisionSink;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Decides where connections go that are not HTTP: TLS by the name in its handshake, then anything
 * by the service, address and port that it was going to. Of several rules for a name, those for the
 * closest one count; among them the first. Pure: no I/O, no clock, no lot but the seed's.
 * Immutable.
 *
 * <p>Source: Istio's filter chains of {@code TLSRoute} and {@code TCPRoute}.
 */
public final class ConnectionTable {

  /** No rule at all. */
  public static final ConnectionTable EMPTY = new ConnectionTable(List.of(), Map.of(), Map.of());

  private final List<ConnectionRule> rules;
  private final HostIndex<List<Entry>> tls; // by the server name
  private final HostIndex<List<Entry>> tcp; // by the service that is meant; * at a gateway
  private final List<Entry> bySubnet; // of tcp: what holds wherever nothing is known

  /**
   * A rule and one match of it.
   *
   * @param hosts of its VirtualService
   * @param subnets of which one has the destination; empty for any
   */
  record Entry(
      ConnectionRule rule, HostIndex<String> hosts, OptionalInt port, List<Subnet> subnets) {

    Entry {
      subnets = List.copyOf(subnets);
    }

    /** Why it does not hold; empty where it does. */
    Optional<String> fails(ConnectionHead head) {
      if (port.isPresent() && port.getAsInt() != head.meant().getPort()) {
        return Optional.of("port is not " + port.getAsInt());
      }
      boolean there =
          subnets.isEmpty() || subnets.stream().anyMatch(one -> one.has(head.meant().getAddress()));
      return there ? Optional.empty() : Optional.of("no destinationSubnet has the address");
    }
  }

  /**
   * Which service a connection was going to.
   *
   * @param host in full
   * @param own whether the address is the service's own, so that no other service can be meant
   */
  public record Meant(String host, boolean own) {}

  /** What was decided. */
  public record Chosen(ConnectionRule rule, ClusterName cluster) {}

  /**
   * @param rules by their index
   */
  ConnectionTable(
      List<ConnectionRule> rules, Map<String, List<Entry>> tls, Map<String, List<Entry>> tcp) {
    this.rules = List.copyOf(rules);
    this.tls = new HostIndex<>(tls);
    this.tcp = new HostIndex<>(tcp);
    this.bySubnet =
        tcp.values().stream()
            .flatMap(List::stream)
            .filter(entry -> !entry.subnets.isEmpty())
            .distinct()
            .sorted((one, other) -> Integer.compare(one.rule.index(), other.rule.index()))
            .toList();
  }

  /** By their index. */
  public List<ConnectionRule> rules() {
    return rules;
  }

  /** Whether any rule goes by the name of a handshake. */
  public boolean byName() {
    return !tls.isEmpty();
  }

  /**
   * The rule for a connection, and where it leads.
   *
   * @param meant the service that it was going to, as far as is known
   * @param seed 64 bits, made for this connection
   * @param sink hears of each rule that was tried
   */
  public Optional<Chosen> decide(
      ConnectionHead head, Optional<Meant> meant, long seed, DecisionSink sink) {
    return named(head, meant, sink)
        .or(() -> addressed(head, meant, sink))
        .map(rule -> new Chosen(rule, rule.chosen(head.meant().getPort(), seed)));
  }

  private Optional<ConnectionRule> named(
      ConnectionHead head, Optional<Meant> meant, DecisionSink sink) {
    if (head.serverName().isEmpty()) {
      return Optional.empty();
    }
    return tls.first(
        head.serverName().get(),
        entries ->
            first(
                entries,
                head,
                entry ->
                    meant.filter(Meant::own).isEmpty()
                        || entry.hosts.closest(meant.get().host).isPresent(),
                sink));
  }

  private Optional<ConnectionRule> addressed(
      ConnectionHead head, Optional<Meant> meant, DecisionSink sink) {
    Optional<ConnectionRule> ofService =
        tcp.closest(meant.map(Meant::host).orElse(""))
            .flatMap(entries -> first(entries, head, any -> true, sink));
    boolean elsewhere = ofService.isPresent() || meant.filter(Meant::own).isPresent();
    return elsewhere ? ofService : first(bySubnet, head, any -> true, sink);
  }

  private interface Holds {
    boolean holds(Entry entry);
  }

  private static Optional<ConnectionRule> first(
      List<Entry> entries, ConnectionHead head, Holds here, DecisionSink sink) {
    for (Entry entry : entries) {
      Optional<String> why =
          here.holds(entry)
              ? entry.fails(head)
              : Optional.of("the address is of a service that it is not for");
      sink.tried(entry.rule.name(), entry.rule.place(), why.orElse(""));
      if (why.isEmpty()) {
        return Optional.of(entry.rule);
      }
    }
    return Optional.empty();
  }
}
