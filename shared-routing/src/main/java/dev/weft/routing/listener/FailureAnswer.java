package dev.weft.routing.listener;

import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.listener.ListenerSettings.Role;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Answers for the proxy itself, so that every refusal explains itself: {@code Proxy-Status} (RFC
 * 9209) with the cause, inside the mesh with the whole chain; for gRPC as a status of its own.
 */
final class FailureAnswer {

  private static final CharSequence PROXY_STATUS = HttpHeaders.createOptimized("proxy-status");
  private static final Pattern DETAILS =
      Pattern.compile(";\\s*details=\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"");

  private static final String DENIED = "RBAC: access denied"; // as Envoy says it
  private static final Set<Cause> OVERLOADED =
      EnumSet.of(Cause.OVERFLOW, Cause.OVERLOADED, Cause.BREAKER_OPEN);

  private FailureAnswer() {}

  /** What proxies inside the mesh said of hops and endpoints is nobody's business outside. */
  static void withoutDetails(MultiMap answer) {
    String told = answer.get(PROXY_STATUS);
    if (told == null || !told.contains("details")) {
      return;
    }
    List<CharSequence> causes = new ArrayList<>();
    answer.getAll(PROXY_STATUS).forEach(value -> causes.add(DETAILS.matcher(value).replaceAll("")));
    answer.set(PROXY_STATUS, causes);
  }

  static void write(HttpServerResponse out, RequestHead head, ProxyFailure failure, Role role) {
    if (out.headWritten()) {
      out.reset(ResponseWriter.CUT);
      return;
    }
    Cause cause = failure.reason();
    String status = "weft; error=" + cause.errorType();
    if (role != Role.EDGE && cause != Cause.DENIED) { // who is denied learns nothing of policies
      status += "; details=\"" + quoted(String.valueOf(failure.getMessage())) + "\"";
    }
    out.putHeader(PROXY_STATUS, status);
    failure.headers().forEach(out::putHeader);
    if (OVERLOADED.contains(cause)) {
      out.putHeader("x-envoy-overloaded", "true");
    }
    String type = head.headers().get(HttpHeaders.CONTENT_TYPE);
    if (type != null && type.startsWith("application/grpc")) {
      out.setStatusCode(200);
      out.putHeader(HttpHeaders.CONTENT_TYPE, "application/grpc");
      out.putHeader("grpc-status", Integer.toString(grpc(cause.status())));
      out.putHeader("grpc-message", cause == Cause.DENIED ? DENIED : text(cause));
      out.end();
      return;
    }
    out.setStatusCode(cause.status());
    out.putHeader(HttpHeaders.CONTENT_TYPE, "text/plain");
    if (head.method().equals("HEAD")) {
      out.end();
    } else {
      out.end(cause == Cause.DENIED ? DENIED : text(cause) + "\n");
    }
  }

  private static String text(Cause cause) {
    return cause.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** As gRPC maps HTTP statuses ("HTTP to gRPC Status Code Mapping"). */
  private static int grpc(int status) {
    return switch (status) {
      case 400 -> 13;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 429, 502, 503, 504 -> 14;
      default -> 2;
    };
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
