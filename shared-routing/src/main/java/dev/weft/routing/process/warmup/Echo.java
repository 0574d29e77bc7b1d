package dev.weft.routing.process.warmup;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;

/** The application of a warm-up: gives each request of {@link Lanes} the same answer. */
final class Echo {

  static final String LOOPBACK = "127.0.0.1";

  /** Of POST requests and of all answers: what ends with it is whole. */
  static final String BODY = "warm".repeat(32);

  private static final String NO_BODY = "\r\n\r\n";
  private static final Buffer ANSWER =
      Buffer.buffer("HTTP/1.1 200 OK\r\ncontent-length: " + BODY.length() + NO_BODY + BODY);

  private Echo() {}

  static Future<NetServer> listen(Vertx vertx) {
    return vertx.createNetServer().connectHandler(Echo::serve).listen(0, LOOPBACK);
  }

  private static void serve(NetSocket socket) {
    StringBuilder request = new StringBuilder();
    socket.handler(
        bytes -> {
          request.append(bytes.toString());
          if (whole(request)) {
            request.setLength(0);
            socket.write(ANSWER);
          }
        });
  }

  private static boolean whole(StringBuilder request) {
    String end = request.charAt(0) == 'P' ? BODY : NO_BODY;
    return request.length() >= end.length()
        && request.indexOf(end, request.length() - end.length()) >= 0;
  }
}
