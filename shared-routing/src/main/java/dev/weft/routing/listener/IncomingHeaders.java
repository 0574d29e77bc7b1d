package dev.weft.routing.listener;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.transport.HopByHop;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Makes the outgoing headers of a request from the incoming ones: hop-by-hop headers and {@code
 * Host} stay behind, and what a caller may not say about itself is replaced by what is known.
 *
 * <p>Source: RFC 9110 section 7.6.1; Envoy's {@code x-forwarded-for}, {@code
 * x-forwarded-client-cert} (SANITIZE at the edge, SANITIZE_SET in the mesh) and {@code
 * x-request-id}.
 */
final class IncomingHeaders {

  static final String PEER = "x-weft-peer";

  private static final String FORWARDED_FOR = "x-forwarded-for";
  private static final String FORWARDED_PROTO = "x-forwarded-proto";
  private static final String CLIENT_CERT = "x-forwarded-client-cert";
  private static final String REQUEST_ID = "x-request-id";

  /** What nobody outside may say. */
  private static final List<String> EDGE_ONLY =
      List.of(
          FORWARDED_FOR,
          FORWARDED_PROTO,
          "x-forwarded-host",
          "x-forwarded-port",
          "forwarded",
          "x-real-ip",
          CLIENT_CERT,
          REQUEST_ID,
          "x-envoy-original-path",
          "x-envoy-expected-rq-timeout-ms",
          "x-envoy-external-address",
          "x-envoy-internal",
          "x-envoy-attempt-count",
          "x-envoy-decorator-operation",
          "x-envoy-peer-metadata",
          "x-envoy-peer-metadata-id");

  private IncomingHeaders() {}

  static MultiMap outgoing(
      MultiMap incoming, Role role, Caller caller, String scheme, SplittableRandom random) {
    MultiMap headers = HttpHeaders.headers();
    HopByHop.copy(incoming, headers);
    headers.remove(HttpHeaders.HOST);
    headers.remove("expect");
    if (role == Role.EDGE) {
      EDGE_ONLY.forEach(headers::remove);
    }
    headers.remove(PEER);
    if (role != Role.MESH_INBOUND) {
      headers.remove(CLIENT_CERT);
    } else if (caller.certificate().isPresent()) {
      headers.set(CLIENT_CERT, caller.certificate().get());
    } else {
      headers.remove(CLIENT_CERT);
    }
    if (role == Role.EDGE) {
      headers.set(FORWARDED_FOR, caller.address());
      headers.set(FORWARDED_PROTO, scheme);
    } else if (!headers.contains(FORWARDED_PROTO)) {
      headers.set(FORWARDED_PROTO, scheme);
    }
    if (!headers.contains(REQUEST_ID)) {
      headers.set(REQUEST_ID, id(random));
    }
    trailersAccepted(incoming, headers);
    return headers;
  }

  /** gRPC servers want to hear that trailers are understood. */
  private static void trailersAccepted(MultiMap incoming, MultiMap headers) {
    String te = incoming.get("te");
    if (te != null && te.contains("trailers")) {
      headers.set("te", "trailers");
    }
  }

  /** A version 4 UUID (RFC 9562 section 5.4). */
  private static String id(SplittableRandom random) {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }
}
