package dev.weft.routing.process.lint.cover;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.settings.PathHandling.Normalize;
import dev.weft.config.problem.Place;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.listener.Paths;
import dev.weft.routing.process.explain.Meeting;
import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.route.Scope;
import dev.weft.routing.route.match.Authorities;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A place where requests come in, and the rules there: the mesh as a workload sees it, or servers
 * of a gateway's port that have their routes in common.
 *
 * @param tables gives its rules; one thread
 * @param workload that asks, or that the gateway is
 * @param scopes by which the rules were chosen
 * @param flags with which {@code weft explain} asks here, each after a space
 */
public record Vantage(
    Supplier<RouteTable> tables,
    Workload workload,
    List<Scope> scopes,
    Normalize normalize,
    Optional<Edge> edge,
    String flags) {

  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /**
   * Servers of a gateway's port.
   *
   * @param reached their hosts by their Gateway
   */
  public record Edge(
      Meeting meeting, int port, boolean tls, Map<String, List<Gateway.Host>> reached) {

    /** {@code http} or {@code https}. */
    public String scheme() {
      return tls ? "https" : "http";
    }

    private boolean takes(String authority) {
      return meeting.takes(tls, authority) && reaches(authority);
    }

    private boolean reaches(String authority) {
      return meeting.reached(tls, authority).equals(reached);
    }
  }

  /** Its rules. */
  public RouteTable table() {
    return tables.get();
  }

  /** Where a request goes. */
  public record Outcome(Decision decision, Optional<Place> by) {

    /** For people: {@code goes to prod/shop#0 (shop.yaml:9:5)}. */
    public String told() {
      return by.map(place -> "goes to " + decision.route().name() + " (" + place + ")")
          .orElse("gets 404");
    }
  }

  /** Whether it is the mesh, and no gateway. */
  public boolean mesh() {
    return edge.isEmpty();
  }

  /** What requests come in over here, where they do not say. */
  public String scheme() {
    return edge.map(Edge::scheme).orElse("http");
  }

  /**
   * A request that rules are asked of.
   *
   * @param head its path as it is sent
   * @return empty where no client can send such, or where it does not come in here
   */
  public Optional<Asked> ask(RequestHead head) {
    return sent(head).filter(asked -> asked.turned().isEmpty());
  }

  /** Likewise, or one that the port turns away before any rule is asked. */
  Optional<Asked> sent(RequestHead head) {
    Optional<String> path = head.path().startsWith("/") ? path(head) : Optional.empty();
    if (path.isEmpty()) {
      return Optional.empty();
    }
    RequestHead read =
        new RequestHead(
            head.method(),
            head.scheme(),
            head.authority(),
            path.get(),
            head.query(),
            head.headers());
    boolean tls = head.scheme().equals("https");
    Optional<String> turned = edge.flatMap(one -> one.meeting.turned(read));
    boolean here =
        edge.isEmpty()
            || (tls == edge.get().tls
                && (turned.isPresent() || edge.get().reaches(head.authority())));
    int named = Authorities.port(head.authority());
    int port = edge.map(Edge::port).orElse(named > 0 ? named : tls ? HTTPS : HTTP);
    Asked asked = new Asked(read, Caller.anonymous("127.0.0.1", 0, port, tls), this, turned);
    return Optional.of(asked).filter(any -> here).filter(Asked::sendable);
  }

  /** A name that a host stands for, whose requests come in here where there is one. */
  public String name(String host) {
    return Site.names(host).stream().filter(this::takes).findFirst().orElse(Site.name(host));
  }

  /** Whether requests come in here for a host, or for some that a wildcard stands for. */
  public boolean takes(String host) {
    return edge.isEmpty() || host.startsWith("*") || edge.get().takes(host);
  }

  private Optional<String> path(RequestHead head) {
    return Paths.normalised(head.path(), normalize);
  }

  /** What the decision function says, and nothing else. */
  public Decision decide(Asked asked, long seed) {
    return table().decide(asked.head(), asked.caller(), seed, DecisionSink.NONE);
  }

  /** What an explanation says: by which match, too. */
  public Outcome outcome(Asked asked) {
    List<Place> chosen = new ArrayList<>(1);
    Decision decision =
        table()
            .decide(
                asked.head(),
                asked.caller(),
                0,
                (rule, place, why) -> {
                  if (why.isEmpty()) {
                    chosen.add(place);
                  }
                });
    return new Outcome(decision, chosen.stream().findFirst());
  }
}
