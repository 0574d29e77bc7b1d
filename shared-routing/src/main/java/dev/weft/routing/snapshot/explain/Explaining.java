package dev.weft.routing.snapshot.explain;

import dev.weft.config.model.settings.Explain;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.account.Account;
import dev.weft.routing.route.RouteTable;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may have an answer explained, and the explanation in the answer's head: a line for each proxy
 * of the mesh that the request came through and that lets its caller know, the nearest to the
 * caller first. Where nobody may ask it costs one comparison, where nobody asks a look-up.
 *
 * <p>Of an upstream's answer lines are kept where the proxy of the mesh made them that was asked
 * for them; no other upstream is asked. Immutable; any event loop.
 *
 * <p>Source: {@code ProxySettings.explain}.
 */
public final class Explaining {

  private static final Logger LOG = LoggerFactory.getLogger(Explaining.class);
  private static final String NAME = Request.EXPLAIN.toString();
  private static final String ANYBODY = "*"; // whose identity is proved
  private static final int MOST = 4096; // bytes of all lines: heads of 8 KiB are common

  private final boolean header;
  private final Set<String> allowed;
  private final boolean edge;
  private final Optional<String> own;
  private final ExplainLine line;
  private final boolean off;

  private Explaining(Explain who, Workload workload, boolean edge, long version) {
    this.header = who.header();
    this.allowed = new HashSet<>(who.allow());
    this.edge = edge;
    this.own = Optional.of(workload.spiffeId());
    this.line = new ExplainLine(workload, version);
    this.off = !header && allowed.isEmpty();
  }

  /**
   * @param workload that explains
   * @param edge whether its callers are from outside: else those that its rules of the mesh are for
   *     are its own application
   */
  public static Explaining of(Explain who, Workload workload, boolean edge, long version) {
    return new Explaining(who, workload, edge, version);
  }

  /** Whether it takes requests from outside. */
  public boolean edge() {
    return edge;
  }

  /**
   * Serves a request, and explains the answer where that is asked for and allowed.
   *
   * @param routed whether rules of the mesh, or of a gateway, serve it
   */
  public Future<Response> serve(Exchange exchange, Service inside, boolean routed) {
    return off || !asks(exchange, routed)
        ? inside.serve(exchange)
        : explained(exchange, inside, routed);
  }

  private boolean asks(Exchange exchange, boolean routed) {
    return exchange.request().head().headers().contains(Request.EXPLAIN)
        && (header || identity(exchange.caller(), routed).filter(this::may).isPresent());
  }

  private boolean may(String identity) {
    return allowed.contains(identity) || allowed.contains(ANYBODY);
  }

  /** The own application is who it is, without a certificate. */
  private Optional<String> identity(Caller caller, boolean routed) {
    return routed && !edge ? own : caller.principal();
  }

  private Future<Response> explained(Exchange exchange, Service inside, boolean routed) {
    exchange.explain(new Account());
    String hop = edge ? "gateway" : routed ? "outbound" : ExplainLine.INBOUND;
    return inside
        .serve(exchange)
        .transform(
            (response, failure) ->
                response == null
                    ? Future.failedFuture(told(hop, exchange, failure))
                    : Future.succeededFuture(told(hop, exchange, response)));
  }

  private ProxyFailure told(String hop, Exchange exchange, Throwable cause) {
    ProxyFailure failure =
        cause instanceof ProxyFailure known
            ? known
            : new ProxyFailure(Cause.INTERNAL, String.valueOf(cause));
    int status = failure.reason().status();
    return failure.with(Map.of(NAME, line.of(hop, exchange, status, Optional.of(failure))));
  }

  private Response told(String hop, Exchange exchange, Response response) {
    String mine = line.of(hop, exchange, response.status(), response.reason());
    MultiMap headers = response.headers();
    List<String> lines = new ArrayList<>();
    lines.add(mine);
    int bytes = mine.length();
    for (String further : behind(exchange.account(), headers.getAll(Request.EXPLAIN))) {
      bytes += further.length();
      if (bytes <= MOST) {
        lines.add(further);
      }
    }
    headers.set(NAME, lines);
    return response;
  }

  /** Lines of the next proxy and those behind it, for which it vouches; none of anybody else. */
  private static List<String> behind(@Nullable Account account, List<String> lines) {
    if (account == null || account.asked().isEmpty() || lines.isEmpty()) {
      return List.of();
    }
    String proof = ExplainLine.proof(account.asked());
    if (!lines.get(0).contains(proof)) {
      return List.of();
    }
    List<String> all = new ArrayList<>(lines);
    all.set(0, lines.get(0).replace(proof, ""));
    return all;
  }

  /**
   * Notes how a decision came about, where somebody may know: decides again, by the same rules and
   * with all that was known, but one rule after the other and telling why each was not chosen.
   * Should it come to another decision than the one that is carried out, that is noted too.
   *
   * @param authority by which it was decided
   */
  public static void how(RouteTable table, String authority, Exchange exchange) {
    Account account = exchange.account();
    if (account == null) {
      return;
    }
    Decision made = exchange.decision();
    Decision again =
        table.decide(
            authority,
            exchange.request().head(),
            exchange.caller(),
            exchange.seed(),
            new Noting(account));
    if (!again.equals(made)) {
      account.say("differs", again.route().name());
      LOG.error("rule {} was carried out, {} was to be", made.route().name(), again.route().name());
    }
    int index = made.route().index();
    if (index >= 0) {
      ExplainLine.rule(account, table.routes().get(index), exchange);
    }
  }
}
