package dev.weft.routing.stage.external;

import dev.weft.config.model.security.ExternalAuthorizer;
import dev.weft.config.model.security.ExternalAuthorizer.BodyInCheck;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.proto.ProtoWriter;
import dev.weft.routing.resilience.GrpcTimeout;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Asks by {@code envoy.service.auth.v3.Authorization/Check}, one call a check.
 *
 * <p>Source: Envoy {@code ext_authz} v3 {@code grpc_service}; "gRPC over HTTP2" for the frame of a
 * message, five bytes before it.
 */
final class GrpcChecks implements CheckProtocol {

  private static final String METHOD = "/envoy.service.auth.v3.Authorization/Check";
  private static final String GRPC = "application/grpc";
  private static final String STATUS = "grpc-status";
  private static final int FRAME = 5;
  private static final int FINE = 200;

  private final String authority;
  private final String time;
  private final String own;
  private final Told told;
  private final boolean asBytes;

  /**
   * @param workload that asks
   */
  GrpcChecks(ExternalAuthorizer authorizer, Workload workload) {
    this.authority = authorizer.host() + ":" + authorizer.port();
    this.time = authorizer.timeout().toMillis() + "m";
    this.own = workload.spiffeId();
    this.told = new Told(authorizer.kept());
    this.asBytes = authorizer.body().filter(BodyInCheck::packAsBytes).isPresent();
  }

  @Override
  public Request request(Exchange exchange, Caller caller, Seen seen) {
    ProtoWriter message = new CheckRequests(own, told, asBytes).of(exchange, caller, seen);
    Buffer frame =
        message.to(
            Buffer.buffer(FRAME + message.length())
                .appendByte((byte) 0)
                .appendInt(message.length()));
    MultiMap headers =
        HttpHeaders.headers()
            .set(HttpHeaderNames.CONTENT_TYPE, GRPC)
            .set(HttpHeaderNames.TE, "trailers")
            .set(GrpcTimeout.HEADER, time);
    RequestHead head = new RequestHead("POST", "http", authority, METHOD, "", headers);
    return new Request(head, HttpVersion.HTTP_2, false, new BufferBody(frame), headers);
  }

  @Override
  public Future<Answer> read(Response response) {
    if (response.status() != FINE) {
      response.cancel();
      return Future.succeededFuture(new Answer.Silent("status " + response.status()));
    }
    return Answers.whole(response, FRAME + MOST_ANSWER).map(body -> answer(response, body));
  }

  private static Answer answer(Response response, Buffer body) {
    @Nullable String last = response.trailers().get(STATUS);
    @Nullable String status = last == null ? response.headers().get(STATUS) : last;
    if (status == null) {
      throw new UnsoundAnswer("an answer without a grpc-status");
    }
    if (!status.equals("0")) {
      return new Answer.Silent("grpc-status " + (status.matches("\\d{1,3}") ? status : "unknown"));
    }
    if (body.length() < FRAME || body.getByte(0) != 0 || body.getInt(1) != body.length() - FRAME) {
      throw new UnsoundAnswer("an answer that is not one plain message of gRPC");
    }
    return CheckResponses.read(body.slice(FRAME, body.length()));
  }
}
