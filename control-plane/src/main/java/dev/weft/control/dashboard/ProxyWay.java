package dev.weft.control.dashboard;

import dev.weft.control.issue.JsonErrors;
import dev.weft.control.proxies.Proxies;
import dev.weft.control.proxies.ProxyState;
import dev.weft.routing.admin.history.Asker;
import dev.weft.routing.discovery.standing.PlainLine;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.proxy.handler.ProxyHandler;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyResponse;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one proxy's admin API: {@code /proxies/STREAM/config} is its page {@code /config},
 * over mTLS. What a proxy answers is data and never a page: a browser may not run it, keep it, or
 * be sent elsewhere by it, so that whoever took over a proxy has not taken over this dashboard.
 * What lets the user in here is not shown to proxies.
 */
final class ProxyWay implements ProxyInterceptor {

  private static final Logger LOG = LoggerFactory.getLogger(ProxyWay.class);
  private static final int LONGEST_URI = 500;
  private static final Pattern PATH = Pattern.compile("/proxies/(\\d{1,18})(/.*)");
  private static final String NOBODY = "no such proxy listens; /proxies lists those that do";
  private static final List<String> DATA =
      List.of("application/json", "text/event-stream", "text/plain");
  private static final List<String> OURS = List.of("origin", "cookie", "authorization", "referer");
  private static final List<String> NOT_ITS = List.of("set-cookie", "location", "refresh", "link");

  private final Proxies proxies;
  private final ProxyCalls calls;

  ProxyWay(Proxies proxies, ProxyCalls calls) {
    this.proxies = proxies;
    this.calls = calls;
  }

  private HttpProxy proxy() {
    return HttpProxy.reverseProxy(calls.client()).origin(this::request).addInterceptor(this);
  }

  Handler<RoutingContext> handler() {
    ProxyHandler looking = ProxyHandler.create(proxy());
    return context -> {
      Optional<ProxyState> wanted = wanted(context.request().path());
      Optional<String> why =
          wanted.isEmpty() ? Optional.of(NOBODY) : ProxyCalls.refusal(wanted.get());
      if (why.isPresent()) {
        JsonErrors.end(context, 404, why.get());
      } else if (looks(context)) {
        looking.handle(context);
      } else {
        change(context);
      }
    };
  }

  private static boolean looks(RoutingContext context) {
    HttpMethod method = context.request().method();
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
  }

  /**
   * A change of one proxy is told here with who asked for it, and the proxy is told too: it knows
   * this process alone.
   */
  private void change(RoutingContext context) {
    Asker asker = Asker.of(context);
    String uri = PlainLine.of(context.request().uri(), LONGEST_URI);
    LOG.info("{} {}, asked for {}", context.request().method(), uri, asker);
    ProxyInterceptor telling =
        new ProxyInterceptor() {
          @Override
          public Future<ProxyResponse> handleProxyRequest(ProxyContext asked) {
            asker.tell(asked.request().headers());
            return asked.sendRequest();
          }
        };
    ProxyHandler.create(proxy().addInterceptor(telling)).handle(context);
  }

  private Optional<ProxyState> wanted(String asked) {
    Matcher path = PATH.matcher(asked);
    return path.matches()
        ? proxies.present().stream()
            .filter(one -> one.stream() == Long.parseLong(path.group(1)))
            .findFirst()
        : Optional.empty();
  }

  private Future<HttpClientRequest> request(ProxyContext context) {
    return wanted(context.request().proxiedRequest().path())
        .map(one -> calls.request(one, context.request().getMethod(), context.request().getURI()))
        .orElseGet(() -> Future.failedFuture(NOBODY));
  }

  @Override
  public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
    Matcher uri = PATH.matcher(context.request().getURI());
    if (uri.matches()) {
      context.request().setURI(uri.group(2));
    }
    OURS.forEach(context.request().headers()::remove);
    Asker.HEADERS.forEach(context.request().headers()::remove);
    context.request().setAuthority(HostAndPort.create("localhost", -1));
    return context.sendRequest();
  }

  @Override
  public Future<Void> handleProxyResponse(ProxyContext context) {
    MultiMap headers = context.response().headers();
    NOT_ITS.forEach(headers::remove);
    String type = Optional.ofNullable(headers.get(HttpHeaders.CONTENT_TYPE)).orElse("");
    String kind = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    headers
        .set(HttpHeaders.CONTENT_TYPE, DATA.contains(kind) ? kind : "text/plain")
        .set(HttpHeaders.CACHE_CONTROL, "no-store")
        .set("x-content-type-options", "nosniff")
        .set("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
        .set("cross-origin-resource-policy", "same-origin");
    return context.sendResponse();
  }
}
