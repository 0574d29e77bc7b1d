package dev.weft.routing.stage.edge;

import dev.weft.config.model.settings.edge.SecurityHeaders;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.Stage;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.HashMap;
import java.util.Map;

/**
 * Tells browsers to be careful, in answers of services that did not say it themselves and in those
 * that the proxy makes. Whether TLS is spoken is what the caller sees: a trusted proxy in front may
 * end it.
 *
 * <p>Source: {@code ProxySettings}, {@code securityHeaders}; RFC 6797 section 7.2.
 */
public final class SecurityHeadersStage implements Stage {

  private static final CharSequence PROTO = HttpHeaders.createOptimized("x-forwarded-proto");
  private static final CharSequence POWERED = HttpHeaders.createOptimized("x-powered-by");
  private static final String TRANSPORT = "strict-transport-security";

  private final Map<String, String> plain;
  private final Map<String, String> encrypted;
  private final boolean removeServer;

  public SecurityHeadersStage(SecurityHeaders headers) {
    this.plain = headers.others();
    Map<String, String> all = new HashMap<>(plain);
    headers.strictTransportSecurity().ifPresent(value -> all.put(TRANSPORT, value));
    this.encrypted = Map.copyOf(all);
    this.removeServer = headers.removeServer();
  }

  @Override
  public Future<Response> apply(Exchange exchange, Service next) {
    boolean tls = "https".equals(exchange.request().headers().get(PROTO));
    Map<String, String> wanted = tls ? encrypted : plain;
    return next.serve(exchange)
        .transform(
            (response, failure) ->
                response == null
                    ? Future.failedFuture(
                        failure instanceof ProxyFailure own ? own.with(wanted) : failure)
                    : Future.succeededFuture(careful(response, wanted)));
  }

  private Response careful(Response response, Map<String, String> wanted) {
    MultiMap headers = response.headers();
    if (removeServer) {
      headers.remove(HttpHeaderNames.SERVER);
      headers.remove(POWERED);
    }
    wanted.forEach(
        (name, value) -> {
          if (!headers.contains(name)) {
            headers.set(name, value);
          }
        });
    return response;
  }
}
