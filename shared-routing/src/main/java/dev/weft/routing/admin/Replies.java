package dev.weft.routing.admin;

import dev.weft.routing.telemetry.LogOncePerMinute;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Answers of the admin API: never cached, never guessed at by a browser. */
public final class Replies {

  static final String JSON = "application/json";
  static final String TEXT = "text/plain; charset=utf-8";

  private Replies() {}

  /** Says what is wrong in one sentence. */
  public static void error(RoutingContext context, int status, String sentence) {
    json(context, status, new JsonObject().put("error", sentence));
  }

  /** What was asked for. */
  public static void json(RoutingContext context, int status, JsonObject body) {
    send(context, status, JSON, printable(body.encode() + '\n'));
  }

  /** For people; what was asked about may have been written by others. */
  static void text(RoutingContext context, String text) {
    send(context, 200, TEXT, printable(text));
  }

  /** Nothing in it steers a terminal; within a string of JSON it means the same as before. */
  private static Buffer printable(String text) {
    return Buffer.buffer(LogOncePerMinute.printable(text, "\n\t"));
  }

  static void send(RoutingContext context, int status, String type, Buffer body) {
    if (context.response().ended() || context.response().closed()) {
      return;
    }
    context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, type)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
        .end(body)
        .onComplete(
            sent -> {
              if (!context.request().isEnded()) {
                context.request().connection().close(); // the rest of its body is not wanted
              }
            });
  }
}
