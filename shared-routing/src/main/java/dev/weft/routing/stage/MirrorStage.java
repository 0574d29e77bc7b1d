package dev.weft.routing.stage;

import dev.weft.routing.clock.Timers.Timer;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.exchange.body.BufferBody;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends a copy of a request to each drawn mirror once its body has passed, and forgets the answer.
 * Never delays or fails the original: a copy whose body is longer than the replay limit, or that
 * would be one too many under way to its mirror, is dropped.
 *
 * <p>Source: Istio {@code HTTPMirrorPolicy}.
 */
public final class MirrorStage implements Stage {

  private static final int MOST_UNDER_WAY = 128;
  private static final Duration LONGEST = Duration.ofSeconds(30); // nobody waits for the answer

  private final Map<ClusterName, Mirror> mirrors;

  /** One that hangs takes no place of the others. */
  private record Mirror(Service service, AtomicInteger underWay) {}

  public MirrorStage(Map<ClusterName, Service> mirrors) {
    Map<ClusterName, Mirror> all = new HashMap<>();
    mirrors.forEach((name, service) -> all.put(name, new Mirror(service, new AtomicInteger())));
    this.mirrors = Map.copyOf(all);
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    List<ClusterName> drawn = exchange.decision().mirrors();
    if (!drawn.isEmpty() && !exchange.request().upgrade()) {
      Request request = exchange.request();
      request.body().captured().onSuccess(body -> drawn.forEach(to -> copy(exchange, to, body)));
    }
    return next.serve(exchange);
  }

  private void copy(Exchange exchange, ClusterName to, Buffer body) {
    @Nullable Mirror mirror = mirrors.get(to);
    if (mirror == null) {
      return;
    }
    if (mirror.underWay.incrementAndGet() > MOST_UNDER_WAY) {
      mirror.underWay.decrementAndGet();
      return;
    }
    Future.succeededFuture()
        .compose(begin -> sent(exchange, mirror, body)) // what it throws is a failure too
        .onComplete(done -> mirror.underWay.decrementAndGet());
  }

  private static Future<Void> sent(Exchange exchange, Mirror mirror, Buffer body) {
    Request original = exchange.request();
    Request request =
        new Request(
            original.head(),
            original.version(),
            false,
            new BufferBody(body),
            HttpHeaders.headers().addAll(original.headers()));
    request.rewrite(original.target(), shadow(original.authority()));
    exchange.trace().ifPresent(own -> own.unsampled().tell(request.headers(), own.span()));
    Exchange copy = new Exchange(request, exchange.caller(), exchange.loop(), ~exchange.seed());
    copy.decided(exchange.decision());
    Timer timer = exchange.loop().timers().after(LONGEST, () -> copy.cancel(late(exchange)));
    return Future.succeededFuture()
        .compose(begin -> mirror.service.serve(copy))
        .compose(MirrorStage::drained)
        .onComplete(done -> timer.cancel());
  }

  private static ProxyFailure late(Exchange exchange) {
    return new ProxyFailure(
        Cause.UPSTREAM_TIMEOUT,
        "mirror of route "
            + exchange.decision().route().name()
            + ": no whole answer within "
            + LONGEST.toSeconds()
            + " s");
  }

  private static Future<Void> drained(Response response) {
    response.body().handler(buffer -> {});
    response.body().resume();
    return response.ended();
  }

  /** {@code host-shadow}, the port behind it. */
  private static String shadow(String authority) {
    int colon = authority.lastIndexOf(':');
    boolean port = colon > 0 && authority.indexOf(']', colon) < 0;
    return port
        ? authority.substring(0, colon) + "-shadow" + authority.substring(colon)
        : authority + "-shadow";
  }
}
