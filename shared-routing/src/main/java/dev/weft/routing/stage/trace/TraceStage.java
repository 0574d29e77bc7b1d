package dev.weft.routing.stage.trace;

import dev.weft.routing.exchange.ClusterName.Direction;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.exchange.trace.Arrived;
import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.exchange.trace.TraceHeaders;
import dev.weft.routing.route.Draw;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;

/**
 * Gives a request its place in a trace: that of its headers, or a new one. Whoever came before
 * decides whether it is sampled; where nobody did, a share of the requests is. A request that is
 * not sampled and says so keeps its headers as they came.
 *
 * <p>Source: W3C Trace Context, section 4; openzipkin/b3-propagation; Istio {@code Tracing}.
 */
public final class TraceStage implements Stage {

  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");

  private final Wanted wanted;
  private final UnderWay underWay;

  /**
   * What is asked for.
   *
   * @param perMillion of the requests that nobody decided about that are sampled, 0 to 1,000,000
   * @param formats of a trace that begins here, as {@link TraceContext#formats}
   * @param passedOn whether the headers tell it
   */
  public record Wanted(int perMillion, int formats, boolean passedOn) {}

  /**
   * @param underWay in the own application
   */
  public TraceStage(Wanted wanted, UnderWay underWay) {
    this.wanted = wanted;
    this.underWay = underWay;
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    MultiMap headers = exchange.request().headers();
    Arrived arrived = TraceHeaders.read(headers);
    boolean inbound =
        exchange.decision().action() instanceof Forward to
            && to.cluster().direction() == Direction.INBOUND;
    if (!inbound && !arrived.known()) {
      String id = headers.get(REQUEST_ID);
      underWay.cause(id == null ? "" : id).ifPresent(exchange::linked);
    }
    TraceContext own = context(exchange, arrived);
    exchange.traced(own);
    if (wanted.passedOn) {
      told(headers, arrived, own);
    }
    return inbound ? counted(exchange, own, next) : next.serve(exchange);
  }

  /** While the application has it, it may be what the application asks others for. */
  private Future<Response> counted(Exchange exchange, TraceContext own, Service next) {
    String told = exchange.request().headers().get(REQUEST_ID);
    String id = told == null ? "" : told;
    underWay.began(id, own);
    return next.serve(exchange)
        .onComplete(
            answer -> {
              if (answer.failed()) {
                underWay.ended(id, own);
              } else {
                answer.result().ended().onComplete(end -> underWay.ended(id, own));
              }
            });
  }

  private TraceContext context(Exchange exchange, Arrived arrived) {
    long seed = exchange.seed();
    boolean sampled = sampled(exchange, arrived);
    int flags = sampled ? arrived.flags() | TraceContext.SAMPLED : arrived.flags();
    int formats =
        !wanted.passedOn ? 0 : arrived.formats() == 0 ? wanted.formats : arrived.formats();
    long span = Spans.hop(seed);
    return arrived.known()
        ? new TraceContext(arrived.high(), arrived.low(), arrived.parent(), span, flags, formats)
        : new TraceContext(
            Spans.id(Draw.mix(seed, Draw.Purpose.TRACE, 1)),
            Draw.mix(seed, Draw.Purpose.TRACE, 2),
            0,
            span,
            flags,
            formats);
  }

  private boolean sampled(Exchange exchange, Arrived arrived) {
    return switch (arrived.decision()) {
      case SAMPLED -> true;
      case NOT_SAMPLED -> false;
      case DEFERRED ->
          linked(exchange.link())
              || Draw.hits(Draw.mix(exchange.seed(), Draw.Purpose.TRACE, 0), wanted.perMillion);
    };
  }

  /** What it was probably asked for is sampled: so is it, or the link would lead nowhere. */
  private static boolean linked(Optional<InferredLink> link) {
    return link.isPresent();
  }

  private static void told(MultiMap headers, Arrived arrived, TraceContext own) {
    if ((arrived.formats() & TraceContext.W3C) != 0) {
      TraceHeaders.clearState(headers);
    }
    if (arrived.broken() || !arrived.known()) {
      TraceHeaders.clear(headers, arrived.known() ? arrived.formats() : 0);
      own.tell(headers, own.span());
    } else if (arrived.decision() == Arrived.Decision.DEFERRED) {
      own.tell(headers, own.span()); // what was decided here holds for all behind
    }
  }
}
