package dev.weft.routing.listener;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.failure.GrpcStatus;
import dev.weft.routing.listener.ListenerSettings.Role;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Answers for the proxy itself, so that every refusal explains itself: {@code Proxy-Status} (RFC
 * 9209) with the cause, inside the mesh with the hop and the whole chain; for gRPC as a status of
 * its own.
 */
final class FailureAnswer {

  private static final CharSequence PROXY_STATUS = HttpHeaders.createOptimized("proxy-status");
  private static final String HOP = "; hop=";
  private static final String DETAILS = "; details=";
  private static final Pattern INSIDE =
      Pattern.compile(
          ";\\s*(?:details=\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|hop=[a-z]++(?=\\s*(?:[;,]|$)))");

  private static final String DENIED = "RBAC: access denied"; // as Envoy says it
  private static final Set<Cause> UNTOLD = // who is denied learns nothing of policies
      EnumSet.of(Cause.DENIED, Cause.EXTERNALLY_DENIED, Cause.AUTHORIZER_FAILED);
  private static final Set<Cause> OVERLOADED =
      EnumSet.of(Cause.OVERFLOW, Cause.OVERLOADED, Cause.BREAKER_OPEN);

  private static final String GRPC = "application/grpc";
  private static final String WEB = "application/grpc-web";

  private FailureAnswer() {}

  /** What proxies inside the mesh said of hops and endpoints is nobody's business outside. */
  static void withoutInside(MultiMap answer) {
    String told = answer.get(PROXY_STATUS);
    if (told == null) {
      return;
    }
    List<CharSequence> causes = new ArrayList<>();
    answer.getAll(PROXY_STATUS).forEach(value -> causes.add(INSIDE.matcher(value).replaceAll("")));
    answer.set(PROXY_STATUS, causes);
  }

  /** To what is no request that could be served. */
  static void write(HttpServerRequest incoming, ProxyFailure failure, Role role) {
    RequestHead head =
        new RequestHead(incoming.method().name(), "http", "-", "/", "", incoming.headers());
    write(incoming, head, failure, role);
  }

  /**
   * As the other; where another answer has begun that is cut off instead.
   *
   * @return done when all was sent
   */
  static Future<Void> write(
      HttpServerRequest incoming, RequestHead head, ProxyFailure failure, Role role) {
    HttpServerResponse out = incoming.response();
    if (out.headWritten()) {
      ResponseWriter.cut(incoming);
      return Future.succeededFuture();
    }
    Cause cause = failure.reason();
    told(out.headers(), failure, role);
    failure.headers().forEach(out::putHeader);
    if (OVERLOADED.contains(cause)) {
      out.putHeader("x-envoy-overloaded", "true");
    }
    if (grpc(head.headers())) {
      out.setStatusCode(200);
      String type = type(head.headers());
      out.putHeader(HttpHeaders.CONTENT_TYPE, type.startsWith(WEB) ? type : GRPC);
      status(cause, out.headers());
      return out.end();
    }
    out.setStatusCode(cause.status());
    out.putHeader(HttpHeaders.CONTENT_TYPE, "text/plain");
    return head.method().equals("HEAD")
        ? out.end()
        : out.end(cause == Cause.DENIED ? DENIED : text(cause) + "\n");
  }

  /** Tells of a failure as those may know it whom an answer goes to. */
  static void told(MultiMap answer, ProxyFailure failure, Role role) {
    Cause cause = failure.reason();
    String status = cause.proxyStatus();
    if (role != Role.EDGE) {
      status += HOP + (role == Role.MESH_INBOUND ? "inbound" : "outbound");
      if (!UNTOLD.contains(cause)) {
        status += DETAILS + '"' + quoted(String.valueOf(failure.getMessage())) + '"';
      }
    }
    answer.set(PROXY_STATUS, status);
  }

  /**
   * Ends an answer that began, where its caller's deadline is over: such a call of gRPC has a
   * status, as everything else that is cut has not.
   *
   * @param request its headers
   * @return whether it did
   */
  static boolean ended(HttpServerResponse out, MultiMap request, Throwable failure) {
    boolean due =
        failure instanceof ProxyFailure known
            && known.reason() == Cause.CALLER_DEADLINE
            && grpc(request)
            && !type(request).startsWith(WEB);
    if (due && !out.ended() && !out.closed()) {
      status(Cause.CALLER_DEADLINE, out.trailers());
      out.end();
    }
    return due;
  }

  private static boolean grpc(MultiMap request) {
    return type(request).startsWith(GRPC);
  }

  private static String type(MultiMap request) {
    String type = request.get(HttpHeaders.CONTENT_TYPE);
    return type == null ? "" : type;
  }

  private static void status(Cause cause, MultiMap to) {
    to.set("grpc-status", Integer.toString(GrpcStatus.of(cause)));
    to.set("grpc-message", cause == Cause.DENIED ? DENIED : text(cause));
  }

  private static String text(Cause cause) {
    return cause.word().replace('_', ' ');
  }

  /** The inside of a structured field's string (RFC 8941 section 3.3.3). */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else {
        quoted.append(c < ' ' || c > '~' ? ' ' : c);
      }
    }
    return quoted.toString();
  }
}
