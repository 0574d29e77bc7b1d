package dev.weft.routing.stage.external;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.proto.ProtoWriter;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes {@code envoy.service.auth.v3.CheckRequest}.
 *
 * <p>Source: Envoy {@code envoy/service/auth/v3/attribute_context.proto}, {@code
 * external_auth.proto}, {@code envoy/config/core/v3/address.proto}; the numbers below are its.
 */
final class CheckRequests {

  private static final String REQUEST_ID = "x-request-id";
  private static final int SOURCE = 1;
  private static final int DESTINATION = 2;
  private static final int REQUEST = 4;

  private final String own;
  private final Told told;
  private final boolean asBytes;

  /**
   * @param own the SPIFFE id of this workload
   * @param told what of a head is
   * @param asBytes whether a body goes as bytes, not as a text
   */
  CheckRequests(String own, Told told, boolean asBytes) {
    this.own = own;
    this.told = told;
    this.asBytes = asBytes;
  }

  ProtoWriter of(Exchange exchange, Caller caller, Seen seen) {
    ProtoWriter attributes =
        new ProtoWriter()
            .message(SOURCE, peer(caller.address(), caller.port(), caller.principal().orElse("")))
            .message(DESTINATION, peer(caller.localAddress(), caller.localPort(), own))
            .message(REQUEST, request(exchange, seen));
    return new ProtoWriter().message(1, attributes);
  }

  private static ProtoWriter peer(String address, int port, String principal) {
    ProtoWriter socket = new ProtoWriter().text(2, address).number(3, port);
    return new ProtoWriter().message(1, new ProtoWriter().message(1, socket)).text(4, principal);
  }

  private ProtoWriter request(Exchange exchange, Seen seen) {
    long millis = exchange.loop().ticker().epochMillis();
    ProtoWriter time =
        new ProtoWriter().number(1, millis / 1000).number(2, millis % 1000 * 1_000_000);
    return new ProtoWriter().message(1, time).message(2, http(exchange, seen));
  }

  private ProtoWriter http(Exchange exchange, Seen seen) {
    Request request = exchange.request();
    RequestHead head = request.head();
    String id = request.headers().get(REQUEST_ID);
    ProtoWriter http =
        new ProtoWriter()
            .text(1, id == null ? Long.toUnsignedString(exchange.seed()) : id)
            .text(2, head.method());
    headers(request, seen).forEach((name, value) -> http.entry(3, name, value));
    http.text(4, told.target(head))
        .text(5, head.authority())
        .text(8, head.scheme())
        .number(9, request.body().empty() ? 0 : request.body().length().orElse(-1))
        .text(10, protocol(request));
    if (seen.told() && seen.body().length() > 0) {
      if (asBytes) {
        http.bytes(12, seen.body());
      } else {
        http.bytes(11, text(seen.body()));
      }
    }
    return http;
  }

  /** As it is where it is UTF-8, which a text must be; else with what is none replaced. */
  private static Buffer text(Buffer body) {
    byte[] bytes = body.getBytes();
    return ByteBufUtil.isText(Unpooled.wrappedBuffer(bytes), StandardCharsets.UTF_8)
        ? body
        : Buffer.buffer(new String(bytes, StandardCharsets.UTF_8));
  }

  private static String protocol(Request request) {
    return switch (request.version()) {
      case HTTP_1_0 -> "HTTP/1.0";
      case HTTP_1_1 -> "HTTP/1.1";
      case HTTP_2 -> "HTTP/2";
    };
  }

  /** As they go on, and what Envoy tells among them; several values of one name are one. */
  private Map<String, String> headers(Request request, Seen seen) {
    MultiMap all = HttpHeaders.headers().addAll(request.headers());
    seen.tell(all);
    Map<String, String> joined = new TreeMap<>();
    all.forEach(
        (name, value) -> {
          String lower = name.toLowerCase(Locale.ROOT);
          if (told.header(lower)) {
            joined.merge(lower, value, (first, more) -> first + "," + more);
          }
        });
    joined.put(":authority", request.head().authority());
    joined.put(":method", request.head().method());
    joined.put(":path", told.target(request.head()));
    joined.put(":scheme", request.head().scheme());
    return joined;
  }
}
