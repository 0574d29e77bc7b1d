package dev.weft.routing.transport;

import dev.weft.config.model.balance.HealthCheck;
import dev.weft.config.model.balance.HealthCheck.Probe;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.clock.Timers.Timer;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.resilience.OwnConnections;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.nio.charset.StandardCharsets;

/**
 * Asks an endpoint whether it is well, over a connection of its own, secured and verified as those
 * of requests are. Each question ends within its timeout, and so does what it opened. Belongs to
 * the event loop that made it.
 */
public final class EndpointProbe {

  private static final int MOST_ANSWER_BYTES = 1024;
  private static final int WELL_FROM = 200;
  private static final int ILL_FROM = 400;
  private static final String AGENT = "weft-health-check";
  private static final byte SERVING = 1;

  private final Connector connector;
  private final Timers timers;

  public EndpointProbe(Vertx vertx, UpstreamCredentials credentials, Timers timers) {
    this.connector = new Connector(vertx, credentials, OwnConnections.redirected());
    this.timers = timers;
  }

  /**
   * A question.
   *
   * @param answer fails with a sentence where it is not well
   * @param over when nothing of it is left, whichever way it ended
   */
  public record Asked(Future<Void> answer, Future<Void> over) {}

  /**
   * @param authority of the service, for checks that name no host
   * @param http2 whether requests go out as HTTP/2
   */
  public Asked ask(Endpoint endpoint, HealthCheck check, String authority, boolean http2) {
    Endpoint at = check.port().isEmpty() ? endpoint : endpoint.atPort(check.port().getAsInt());
    boolean grpc = check.probe() instanceof Probe.Grpc;
    boolean tcp = check.probe() instanceof Probe.Tcp;
    Promise<Void> answer = Promise.promise();
    Future<HttpClientConnection> connecting =
        connector.connect(at, check.timeout(), grpc || (http2 && !tcp));
    Timer timer =
        timers.after(
            check.timeout(),
            () -> answer.tryFail("no answer within " + check.timeout().toMillis() + " ms"));
    connecting
        .compose(
            connection ->
                answer.future().isComplete()
                    ? Future.succeededFuture()
                    : asked(connection, at, check.probe(), authority))
        .onSuccess(any -> answer.tryComplete())
        .onFailure(cause -> answer.tryFail(cause.getMessage()));
    answer.future().onComplete(any -> timer.cancel());
    Future<Void> over =
        Future.join(connecting, answer.future())
            .transform(
                any ->
                    connecting.succeeded()
                        ? connecting.result().close().otherwiseEmpty()
                        : Future.succeededFuture());
    return new Asked(answer.future(), over);
  }

  private static Future<Void> asked(
      HttpClientConnection connection, Endpoint endpoint, Probe probe, String authority) {
    if (probe instanceof Probe.Http http) {
      String host = http.host().isEmpty() ? authority : http.host();
      return status(connection, options(HttpMethod.GET, http.path(), endpoint), host);
    }
    if (probe instanceof Probe.Grpc grpc) {
      return serving(connection, endpoint, grpc.service(), authority);
    }
    return Future.succeededFuture(); // it took the connection
  }

  private static RequestOptions options(HttpMethod method, String path, Endpoint endpoint) {
    return new RequestOptions()
        .setMethod(method)
        .setURI(path)
        .setHost(endpoint.host())
        .setPort(endpoint.port())
        .putHeader(HttpHeaderNames.USER_AGENT, AGENT);
  }

  private static void towards(HttpClientRequest request, String authority) {
    HostAndPort parsed = HostAndPort.parseAuthority(authority, -1);
    if (parsed == null) {
      request.putHeader(HttpHeaderNames.HOST, authority);
    } else {
      request.authority(parsed);
    }
  }

  private static Future<Void> status(
      HttpClientConnection connection, RequestOptions options, String host) {
    return connection
        .request(options)
        .compose(
            request -> {
              towards(request, host);
              return request.send();
            })
        .compose(
            response -> {
              response.exceptionHandler(cut -> {}); // by us, who want no more than the status
              return response.statusCode() >= WELL_FROM && response.statusCode() < ILL_FROM
                  ? Future.succeededFuture()
                  : Future.failedFuture("status " + response.statusCode());
            });
  }

  private static Future<Void> serving(
      HttpClientConnection connection, Endpoint endpoint, String service, String authority) {
    RequestOptions options =
        options(HttpMethod.POST, "/grpc.health.v1.Health/Check", endpoint)
            .putHeader(HttpHeaderNames.CONTENT_TYPE, "application/grpc")
            .putHeader(HttpHeaderNames.TE, "trailers");
    return connection
        .request(options)
        .compose(
            request -> {
              towards(request, authority);
              return request.send(question(service));
            })
        .compose(EndpointProbe::served);
  }

  /** {@code HealthCheckRequest}: field 1, a text, in a gRPC frame. */
  private static Buffer question(String service) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    Buffer message = Buffer.buffer();
    if (name.length > 0) {
      message.appendByte((byte) 0x0A);
      for (int left = name.length; ; left >>>= 7) {
        message.appendByte((byte) (left > 0x7F ? (left & 0x7F) | 0x80 : left));
        if (left <= 0x7F) {
          break;
        }
      }
      message.appendBytes(name);
    }
    return Buffer.buffer().appendByte((byte) 0).appendInt(message.length()).appendBuffer(message);
  }

  private static Future<Void> served(HttpClientResponse response) {
    Promise<Void> answer = Promise.promise();
    Buffer all = Buffer.buffer();
    response.handler(
        some -> {
          all.appendBuffer(some);
          if (all.length() > MOST_ANSWER_BYTES) {
            answer.tryFail("more than " + MOST_ANSWER_BYTES + " bytes");
          }
        });
    response.exceptionHandler(cause -> answer.tryFail(cause.getMessage()));
    response.endHandler(
        end -> {
          String early = response.getHeader("grpc-status");
          String status = early == null ? response.getTrailer("grpc-status") : early;
          if (response.statusCode() != WELL_FROM || !"0".equals(status)) {
            answer.tryFail("status " + response.statusCode() + ", gRPC status " + status);
          } else if (serving(all)) {
            answer.tryComplete();
          } else {
            answer.tryFail("it is not SERVING");
          }
        });
    return answer.future();
  }

  /** {@code HealthCheckResponse}: field 1, a number; 1 is SERVING. */
  private static boolean serving(Buffer frame) {
    return frame.length() == 7
        && frame.getByte(0) == 0
        && frame.getByte(5) == 0x08
        && frame.getByte(6) == SERVING;
  }

  /** Ends what it has open. */
  public Future<Void> close() {
    return connector.close();
  }
}
