package dev.weft.routing.snapshot;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.Gateway.Host;
import dev.weft.config.model.Gateway.Server;
import dev.weft.config.model.Gateway.ServerTls;
import dev.weft.config.model.Gateway.ServerTls.Mode;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.Authorities;
import dev.weft.routing.route.tcp.HostIndex;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The servers of one port of a gateway: which of them a connection met, and which a host is of.
 *
 * <p>Of several servers whose hosts cover a name, the one with the closest host has it: the name
 * itself, then the longest wildcard; among equals the first. A look-up costs as many steps as the
 * name has labels, however many servers there are. Immutable.
 *
 * <p>Source: Istio, which gives each TLS server a filter chain and a route table of its own and all
 * plain servers of a port one; RFC 9110 section 15.5.20.
 */
public final class PortServers {

  /** The request is not for the server that its connection met. */
  static final int MISDIRECTED = -1;

  private static final Set<Mode> ASKING =
      EnumSet.of(Mode.MUTUAL, Mode.OPTIONAL_MUTUAL, Mode.ISTIO_MUTUAL);

  private final List<Owned> servers;
  private final HostIndex<Integer> secured;
  private final HostIndex<Integer> all;
  private final OptionalInt plain;
  private final boolean opaque;
  private final boolean passes;
  private final Map<String, List<Host>> hosts; // of all of the port, by their Gateway
  private final Map<String, Map<String, List<Host>>> groups; // likewise of each group
  private final List<Map<String, List<Host>>> reached; // likewise of each server's group

  /**
   * A server of a Gateway.
   *
   * @param gateway {@code namespace/name}
   */
  public record Owned(String gateway, Server server) {

    /** Where the Secret of its {@code credentialName} is. */
    public String namespace() {
      return gateway.substring(0, gateway.indexOf('/'));
    }

    List<Host> hosts() {
      return server.hosts();
    }

    /** Whether it is TLS, whoever ends it. */
    public boolean secured() {
      return server.encrypted();
    }

    /** Whether all of a connection is carried, whatever it speaks. */
    boolean opaque() {
      return !secured() && !server.http();
    }

    /** What its handshake asks the caller to prove; two that ask the same say the same. */
    public Optional<String> proof() {
      return server.tls().filter(any -> secured()).filter(Owned::asks).map(this::proof);
    }

    private static boolean asks(ServerTls tls) {
      return ASKING.contains(tls.mode());
    }

    private String proof(ServerTls tls) {
      return String.join(
          " ", tls.mode().name(), namespace(), tls.credentialName(), tls.caCertificates());
    }

    /** Servers of one group have their routes in common: all plain ones, those of equal TLS. */
    String group() {
      if (secured()) {
        return namespace() + (server.http() ? " " : " opaque ") + server.tls();
      }
      return server.http() ? "plain" : "opaque";
    }
  }

  public PortServers(List<Owned> servers) {
    this.servers = List.copyOf(servers);
    int first = MISDIRECTED;
    for (int i = servers.size() - 1; i >= 0; i--) {
      first = servers.get(i).secured() ? first : i;
    }
    this.plain = first < 0 ? OptionalInt.empty() : OptionalInt.of(first);
    this.opaque = servers.stream().anyMatch(Owned::opaque);
    this.passes = servers.stream().anyMatch(one -> one.server().passesThrough());
    Map<String, Integer> encrypted = new HashMap<>();
    Map<String, Integer> either = new HashMap<>();
    positions(false, either); // the plain ones go before equals
    positions(true, either);
    positions(true, encrypted);
    this.secured = new HostIndex<>(encrypted);
    this.all = new HostIndex<>(either);
    this.hosts = byGateway(this.servers);
    Map<String, List<Owned>> together =
        this.servers.stream().collect(Collectors.groupingBy(Owned::group));
    this.groups = new HashMap<>();
    together.forEach((group, those) -> groups.put(group, byGateway(those)));
    this.reached = this.servers.stream().map(one -> hosts(Optional.of(one.group()))).toList();
  }

  private static Map<String, List<Host>> byGateway(List<Owned> servers) {
    Map<String, List<Host>> hosts = new LinkedHashMap<>();
    for (Owned owned : servers) {
      hosts.computeIfAbsent(owned.gateway(), any -> new ArrayList<>()).addAll(owned.hosts());
    }
    return Collections.unmodifiableMap(hosts);
  }

  private void positions(boolean tls, Map<String, Integer> byHost) {
    for (int i = 0; i < servers.size(); i++) {
      if (servers.get(i).secured() == tls) {
        for (Host host : servers.get(i).hosts()) {
          byHost.putIfAbsent(host.name(), i);
        }
      }
    }
  }

  /** The ports of all Gateways that select these labels, each with all its servers. */
  static List<Plan.Port> ports(MeshConfig config, Map<String, String> labels) {
    Map<Integer, List<Owned>> servers = new LinkedHashMap<>();
    for (Gateway gateway : config.gateways()) {
      if (!labels.entrySet().containsAll(gateway.selector().entrySet())) {
        continue;
      }
      String name = gateway.meta().qualifiedName();
      for (Server server : gateway.servers()) {
        servers
            .computeIfAbsent(server.port(), port -> new ArrayList<>())
            .add(new Owned(name, server));
      }
    }
    List<Plan.Port> ports = new ArrayList<>();
    servers.forEach(
        (port, all) ->
            ports.add(new Plan.Port(all.get(0).server().bind(), port, new PortServers(all))));
    return ports;
  }

  /** In the order of their Gateways. */
  public List<Owned> servers() {
    return servers;
  }

  private static int position(HostIndex<Integer> hosts, String name) {
    return hosts.closestOr(name, MISDIRECTED);
  }

  /** Whether every connection is carried, whatever it speaks. */
  public boolean opaque() {
    return opaque;
  }

  /** Whether some TLS is carried as it is. */
  public boolean passes() {
    return passes;
  }

  /** Whether a connection without TLS has a server. */
  public boolean takesPlaintext() {
    return plain.isPresent();
  }

  /**
   * The server that a handshake meets.
   *
   * @param serverName of the handshake; only a server for every host takes one without
   */
  public Optional<Owned> met(Optional<String> serverName) {
    int position = position(secured, Authorities.lower(serverName.orElse("")));
    return position < 0 ? Optional.empty() : Optional.of(servers.get(position));
  }

  /**
   * The hosts whose routes a request reaches over a connection of its own, by their Gateway: those
   * of its server's group, or of the whole port where no server is for it.
   */
  public Map<String, List<Host>> reached(boolean tls, String authority) {
    int position = position(tls, authority);
    return position < 0 ? hosts : reached.get(position);
  }

  /** The server that a request is for, over a connection of its own; empty where there is none. */
  public Optional<Owned> serving(boolean tls, String authority) {
    int position = position(tls, authority);
    return position < 0 ? Optional.empty() : Optional.of(servers.get(position));
  }

  private int position(boolean tls, String authority) {
    String host = Authorities.lower(Authorities.host(authority));
    return tls ? position(secured, host) : plain(host);
  }

  /**
   * The server that a request is for, over a connection whose handshake asked for a name; empty
   * where the connection met another one, or none.
   */
  public Optional<Owned> serving(String serverName, String authority) {
    int met = position(secured, Authorities.lower(serverName));
    int position =
        met < 0 ? met : position(secured, Authorities.lower(Authorities.host(authority)));
    return met < 0 || position != met ? Optional.empty() : Optional.of(servers.get(met));
  }

  /** Whether it sends plain HTTP to HTTPS before any rule is asked. */
  public static boolean redirects(Server server) {
    return server.tls().stream().anyMatch(ServerTls::httpsRedirect);
  }

  /** Where to it sends a request. */
  public static String redirection(RequestHead head) {
    return "https://" + Authorities.host(head.authority()) + head.target();
  }

  /**
   * The hosts of a group by their Gateway.
   *
   * @param group empty for all of the port
   */
  public Map<String, List<Host>> hosts(Optional<String> group) {
    return group.map(name -> groups.getOrDefault(name, Map.of())).orElse(hosts);
  }

  /**
   * The server that a request is for.
   *
   * @return {@link #MISDIRECTED} where that is another than its connection met
   */
  int position(Caller caller, String authority) {
    String host = Authorities.lower(Authorities.host(authority));
    return caller.tls() ? secured(caller.handshake(), host) : plain(host);
  }

  private int secured(Handshake handshake, String host) {
    String name = handshake.serverName().orElse("");
    int met = position(secured, name);
    if (met < 0 || (!host.equals(name) && position(secured, host) != met)) {
      return MISDIRECTED;
    }
    Optional<String> proof = servers.get(met).proof(); // may have changed since the handshake
    return proof.isEmpty() || proof.equals(handshake.proof()) ? met : MISDIRECTED;
  }

  private int plain(String host) {
    int owner = position(all, host);
    if (owner < 0) {
      return plain.orElse(MISDIRECTED); // nobody's: there is no route for it
    }
    return servers.get(owner).secured() ? MISDIRECTED : owner;
  }
}
