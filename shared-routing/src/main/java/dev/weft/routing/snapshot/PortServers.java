package dev.weft.routing.snapshot;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.Gateway.Host;
import dev.weft.config.model.Gateway.Protocol;
import dev.weft.config.model.Gateway.Server;
import dev.weft.config.model.Gateway.ServerTls;
import dev.weft.config.model.Gateway.ServerTls.Mode;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.route.match.Authorities;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

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

  private final List<Owned> servers;
  private final Hosts secured = new Hosts();
  private final Hosts all = new Hosts();
  private final OptionalInt plain;

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

    boolean secured() {
      return server.protocol() == Protocol.HTTPS;
    }

    /** What its handshake asks the caller to prove; two that ask the same say the same. */
    public Optional<String> proof() {
      return server.tls().filter(any -> secured()).filter(Owned::asks).map(this::proof);
    }

    private static boolean asks(ServerTls tls) {
      return tls.mode() != Mode.SIMPLE;
    }

    private String proof(ServerTls tls) {
      return String.join(
          " ", tls.mode().name(), namespace(), tls.credentialName(), tls.caCertificates());
    }

    /** Servers of one group have their routes in common: all plain ones, those of equal TLS. */
    String group() {
      return secured() ? namespace() + " " + server.tls() : "plain";
    }
  }

  /** Positions by the hosts that a server names. */
  private static final class Hosts {
    private final Map<String, Integer> exact = new HashMap<>();
    private final Map<String, Integer> suffixes = new HashMap<>(); // "" stands for *

    void add(Owned owned, int position) {
      owned
          .hosts()
          .forEach(
              host -> {
                String name = host.name();
                if (name.equals("*")) {
                  suffixes.putIfAbsent("", position);
                } else if (name.startsWith("*.")) {
                  suffixes.putIfAbsent(name.substring(2), position);
                } else {
                  exact.putIfAbsent(name, position);
                }
              });
    }

    /** The position of the closest; {@link #MISDIRECTED} where none covers the name. */
    int find(String name) {
      Integer found = exact.get(name);
      for (int dot = name.indexOf('.'); found == null && dot >= 0; ) {
        found = suffixes.get(name.substring(dot + 1));
        dot = name.indexOf('.', dot + 1);
      }
      return found != null ? found : suffixes.getOrDefault("", MISDIRECTED);
    }
  }

  public PortServers(List<Owned> servers) {
    this.servers = List.copyOf(servers);
    int first = MISDIRECTED;
    for (int i = servers.size() - 1; i >= 0; i--) {
      first = servers.get(i).secured() ? first : i;
    }
    this.plain = first < 0 ? OptionalInt.empty() : OptionalInt.of(first);
    for (int i = 0; i < servers.size(); i++) {
      (servers.get(i).secured() ? secured : all).add(servers.get(i), i);
    }
    for (int i = 0; i < servers.size(); i++) { // after the plain ones, which go before equals
      if (servers.get(i).secured()) {
        all.add(servers.get(i), i);
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
        if (server.protocol().http()) {
          servers
              .computeIfAbsent(server.port(), port -> new ArrayList<>())
              .add(new Owned(name, server));
        }
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
    int position = secured.find(Authorities.lower(serverName.orElse("")));
    return position < 0 ? Optional.empty() : Optional.of(servers.get(position));
  }

  /**
   * The hosts whose routes a request reaches over a connection of its own, by their Gateway: those
   * of its server's group, or of the whole port where no server is for it.
   */
  public Map<String, List<Host>> reached(boolean tls, String authority) {
    String host = Authorities.lower(Authorities.host(authority));
    int position = tls ? secured.find(host) : plain(host);
    return hosts(position < 0 ? Optional.empty() : Optional.of(servers.get(position).group()));
  }

  /**
   * The hosts of a group by their Gateway.
   *
   * @param group empty for all of the port
   */
  Map<String, List<Host>> hosts(Optional<String> group) {
    Map<String, List<Host>> hosts = new LinkedHashMap<>();
    for (Owned owned : servers) {
      if (group.isEmpty() || owned.group().equals(group.get())) {
        hosts.computeIfAbsent(owned.gateway(), any -> new ArrayList<>()).addAll(owned.hosts());
      }
    }
    return hosts;
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
    int met = secured.find(name);
    if (met < 0 || (!host.equals(name) && secured.find(host) != met)) {
      return MISDIRECTED;
    }
    Optional<String> proof = servers.get(met).proof(); // may have changed since the handshake
    return proof.isEmpty() || proof.equals(handshake.proof()) ? met : MISDIRECTED;
  }

  private int plain(String host) {
    int owner = all.find(host);
    if (owner < 0) {
      return plain.orElse(MISDIRECTED); // nobody's: there is no route for it
    }
    return servers.get(owner).secured() ? MISDIRECTED : owner;
  }
}
