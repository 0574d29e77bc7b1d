package dev.weft.routing.stage.grpcweb;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes a call of gRPC of one of gRPC-Web, and of its answer one that a browser can read. Stands
 * above all that routes, so that rules, limits and signals see gRPC. Everything else passes as it
 * is. What other origins may do is for {@code CorsPolicy} to say.
 *
 * <p>Source: "gRPC-Web" of the gRPC project's protocol documents; Envoy's {@code grpc_web} filter,
 * which Istio sets for the protocol {@code GRPC-WEB}.
 */
public final class GrpcWebStage implements Stage {

  static final String GRPC = "application/grpc";
  private static final String WEB = "application/grpc-web";
  private static final String TEXT = "-text";

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    MultiMap incoming = exchange.request().head().headers();
    String told = incoming.get(HttpHeaderNames.CONTENT_TYPE);
    if (told == null || !told.regionMatches(true, 0, WEB, 0, WEB.length())) {
      return next.serve(exchange);
    }
    String type = told.toLowerCase(Locale.ROOT);
    boolean text = type.startsWith(TEXT, WEB.length());
    String rest = type.substring(WEB.length() + (text ? TEXT.length() : 0));
    if (!rest.isEmpty() && "+; ".indexOf(rest.charAt(0)) < 0) {
      return next.serve(exchange);
    }
    boolean readsText = readsText(incoming.get(HttpHeaderNames.ACCEPT), text);
    Exchange call = call(exchange, GRPC + rest, text);
    Runnable unregister = exchange.onCancel(call::cancel);
    call.onHints(exchange::hint);
    return next.serve(call)
        .map(answer -> GrpcWebAnswer.of(answer, readsText))
        .onSuccess(answer -> answer.ended().onComplete(end -> unregister.run()))
        .onFailure(failed -> unregister.run());
  }

  /** Whether the answer shall be text: as the caller says, or else as it speaks itself. */
  private static boolean readsText(@Nullable String accepted, boolean speaks) {
    if (accepted == null || !accepted.contains(WEB)) {
      return speaks;
    }
    return accepted.contains(WEB + TEXT);
  }

  private static Exchange call(Exchange exchange, String type, boolean text) {
    Request web = exchange.request();
    RequestHead head = web.head();
    MultiMap seen = HttpHeaders.headers().addAll(head.headers());
    seen.set(HttpHeaderNames.CONTENT_TYPE, type);
    MultiMap outgoing = web.headers();
    outgoing.set(HttpHeaderNames.CONTENT_TYPE, type);
    outgoing.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
    outgoing.remove(HttpHeaderNames.CONTENT_LENGTH); // of what came, which may be text
    Request request =
        new Request(
            new RequestHead(
                head.method(), head.scheme(), head.authority(), head.path(), head.query(), seen),
            HttpVersion.HTTP_2,
            false,
            new GrpcWebBody(web.body(), text),
            outgoing);
    return new Exchange(request, exchange.caller(), exchange.loop(), exchange.seed());
  }
}
