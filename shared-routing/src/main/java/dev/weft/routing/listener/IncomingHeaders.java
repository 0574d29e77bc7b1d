package dev.weft.routing.listener;

import dev.weft.config.model.settings.Edge.ForwardClientCert;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.transport.HopByHop;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Makes the outgoing headers of a request from the incoming ones: hop-by-hop headers and {@code
 * Host} stay behind, and what a caller may not say about itself is replaced by what is known.
 *
 * <p>Source: RFC 9110 section 7.6.1; Envoy's {@code x-forwarded-for}, {@code
 * x-forwarded-client-cert} (as {@code ProxySettings.edge} says at the edge, SANITIZE_SET in the
 * mesh) and {@code x-request-id}.
 */
final class IncomingHeaders {

  private static final CharSequence FORWARDED_FOR = name("x-forwarded-for");
  private static final CharSequence FORWARDED_PROTO = name("x-forwarded-proto");
  private static final CharSequence CLIENT_CERT = name("x-forwarded-client-cert");
  private static final CharSequence TE = name("te");
  private static final CharSequence REQUEST_ID = name("x-request-id");

  private IncomingHeaders() {}

  private static CharSequence name(String text) {
    return HttpHeaders.createOptimized(text);
  }

  /** Fails with a {@link ProxyFailure} where there are more than the listener takes. */
  static MultiMap outgoing(
      MultiMap incoming,
      ListenerSettings listener,
      Caller caller,
      String scheme,
      SplittableRandom random) {
    MultiMap headers = HttpHeaders.headers();
    Role role = listener.role();
    boolean edge = role == Role.EDGE;
    counted(HopByHop.copy(incoming, headers, wanted(listener)), listener.headers());
    if (role == Role.MESH_INBOUND && caller.certificate().isPresent()) {
      headers.set(CLIENT_CERT, caller.certificate().get());
    }
    if (edge) { // nothing of the kind came in
      boolean alone = listener.edge().trustedProxies() == 0;
      headers.add(FORWARDED_FOR, alone ? caller.address() : Forwarded.chain(incoming, caller));
      headers.add(FORWARDED_PROTO, alone ? scheme : Forwarded.scheme(incoming, scheme));
      certificate(incoming, listener.edge().forwardClientCert(), caller)
          .ifPresent(told -> headers.set(CLIENT_CERT, told));
    } else if (!headers.contains(FORWARDED_PROTO)) {
      headers.set(FORWARDED_PROTO, scheme);
    }
    if (edge || !headers.contains(REQUEST_ID)) {
      headers.add(REQUEST_ID, id(random));
    }
    trailersAccepted(incoming, headers);
    return headers;
  }

  /** At the edge: what goes on of certificates (Envoy's {@code forward_client_cert_details}). */
  private static Optional<String> certificate(
      MultiMap incoming, ForwardClientCert mode, Caller caller) {
    Optional<String> proved = caller.certificate();
    return switch (mode) {
      case SANITIZE -> Optional.empty();
      case SANITIZE_SET -> proved;
      case FORWARD_ONLY -> proved.flatMap(own -> told(incoming));
      case APPEND_FORWARD ->
          proved.map(own -> told(incoming).map(other -> other + "," + own).orElse(own));
      case ALWAYS_FORWARD_ONLY -> told(incoming);
    };
  }

  private static Optional<String> told(MultiMap incoming) {
    List<String> all = incoming.getAll(CLIENT_CERT);
    return all.isEmpty() ? Optional.empty() : Optional.of(String.join(",", all));
  }

  private static void counted(int fields, int most) {
    if (most > 0 && fields > most) {
      throw new ProxyFailure(
          Cause.TOO_MANY_HEADERS, fields + " header fields (at most: " + most + ")");
    }
  }

  /** What anybody may say; told apart by length first. */
  private static boolean fromInside(CharSequence name) {
    return switch (name.length()) {
      case 0 -> throw new IllegalArgumentException("it has no name");
      case 4 -> !same(name, "host");
      case 6 -> !same(name, "expect");
      case 11 -> !same(name, "x-weft-peer") && !same(name, "x-weft-http");
      case 14 -> !same(name, "x-weft-explain"); // who explains asks the next proxy himself
      case 23 -> !same(name, "x-forwarded-client-cert");
      default -> true;
    };
  }

  /** None of these keeps anything of a request. */
  private static Predicate<CharSequence> wanted(ListenerSettings listener) {
    if (listener.role() != Role.EDGE) {
      return IncomingHeaders::fromInside;
    }
    return switch (listener.edge().headersWithUnderscores()) {
      case REJECT_REQUEST -> IncomingHeaders::fromOutsideWithoutUnderscores;
      case DROP_HEADER -> name -> !underscored(name) && fromOutside(name);
      case ALLOW -> IncomingHeaders::fromOutside;
    };
  }

  private static boolean fromOutsideWithoutUnderscores(CharSequence name) {
    if (underscored(name)) {
      throw new IllegalArgumentException("it has an underscore in its name");
    }
    return fromOutside(name);
  }

  /** What somebody outside may say: nothing of who and where he is, nothing that proxies set. */
  private static boolean fromOutside(CharSequence name) {
    return fromInside(name) && !reserved(name);
  }

  /** An application behind CGI or WSGI takes it for a hyphen, and so for another header. */
  private static boolean underscored(CharSequence name) {
    return name instanceof AsciiString ascii
        ? ascii.indexOf('_', 0) >= 0
        : name.toString().indexOf('_') >= 0;
  }

  private static boolean reserved(CharSequence name) {
    return switch (name.charAt(0) | 0x20) {
      case 'f' -> same(name, "forwarded");
      case 'c' -> same(name, "client-ip");
      case 't' -> same(name, "true-client-ip");
      case 'x' ->
          starts(name, "x-forwarded-")
              || starts(name, "x-envoy-")
              || starts(name, "x-weft-")
              || starts(name, "x-original-")
              || same(name, "x-real-ip")
              || same(name, "x-client-ip")
              || same(name, "x-cluster-client-ip")
              || same(name, "x-request-id");
      default -> false;
    };
  }

  private static boolean same(CharSequence name, String wanted) {
    return name.length() == wanted.length() && starts(name, wanted);
  }

  /** An underscore is a hyphen here: to many an application behind CGI or WSGI it is the same. */
  private static boolean starts(CharSequence name, String prefix) {
    if (name.length() < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      char wanted = prefix.charAt(i);
      char c = name.charAt(i);
      boolean fits = wanted == '-' ? c == '-' || c == '_' : (c | 0x20) == wanted;
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  /** gRPC servers want to hear that trailers are understood. */
  private static void trailersAccepted(MultiMap incoming, MultiMap headers) {
    String te = incoming.get(TE);
    if (te != null && te.contains("trailers")) {
      headers.set(TE, "trailers");
    }
  }

  /** A version 4 UUID (RFC 9562 section 5.4). */
  private static String id(SplittableRandom random) {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }
}
