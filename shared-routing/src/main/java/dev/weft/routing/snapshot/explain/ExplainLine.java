package dev.weft.routing.snapshot.explain;

import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.settings.StickyKey;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Denied;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.Redirect;
import dev.weft.routing.exchange.Decision.Refuse;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.exchange.account.Account;
import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.resilience.RetryPolicy;
import dev.weft.routing.route.CompiledRoute;
import dev.weft.routing.route.sticky.Cohorts;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One proxy's explanation as a header's value: an Item of RFC 8941 with parameters, of {@value
 * #MOST} characters at most. Whatever a caller or a service sent is inside quoted strings of
 * printable ASCII, shortened; nothing of it can end a line or a string. The names are an interface,
 * listed in {@code docs/signals.md}.
 */
final class ExplainLine {

  private static final int MOST = 2048;
  private static final int MOST_TEXT = 200; // of one value
  private static final int MOST_ATTEMPTS = 5;
  private static final int RESERVE = "; omitted=1000000".length();
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");

  /** A sidecar that takes a request for its own application. */
  static final String INBOUND = "inbound";

  private final String workload;
  private final long version;

  ExplainLine(Workload workload, long version) {
    this.workload = workload.namespace() + "/" + workload.app();
    this.version = version;
  }

  /** What the line of a proxy has that was asked so by another. */
  static String proof(String asked) {
    return "; for=" + Line.quoted(asked);
  }

  /** What a rule does with a request that it matched, beside where it sends it. */
  static void rule(Account account, CompiledRoute route, Exchange exchange) {
    HttpRoute rule = route.rule();
    account.say("place", rule.place().toString());
    if (route.clusters().isEmpty()) {
      return;
    }
    boolean plain = rule.fault().isEmpty(); // beside a fault neither counts
    account.say(
        "timeout", rule.timeout().filter(any -> plain).map(ExplainLine::millis).orElse("none"));
    RetryPolicy policy =
        plain
            ? rule.retries().map(RetryPolicy::new).orElse(RetryPolicy.DEFAULT)
            : RetryPolicy.NEVER;
    account.say("retries", Integer.toString(policy.attempts()));
    policy.perTryTimeout().map(ExplainLine::millis).ifPresent(time -> account.say("per-try", time));
    if (route.clusters().size() > 1) {
      account.say(
          "shares",
          route.destinations().stream()
              .map(WeightedDestination::weight)
              .map(String::valueOf)
              .collect(Collectors.joining(":")));
      account.say("by", by(route.cohorts(), exchange));
    }
  }

  private static String by(Optional<Cohorts> cohorts, Exchange exchange) {
    boolean sticks =
        cohorts
            .filter(one -> one.user(exchange.request().head().headers(), exchange.seed()) != null)
            .isPresent();
    if (!sticks) {
      return "draw";
    }
    return cohorts.get().key() instanceof StickyKey.Header header
        ? "header " + header.name()
        : "cookie " + ((StickyKey.Cookie) cohorts.get().key()).name();
  }

  private static String millis(Duration time) {
    return time.toMillis() + "ms";
  }

  /**
   * @param hop what of a proxy it is
   * @param status of the answer
   * @param failure why the answer is the proxy's own
   */
  String of(String hop, Exchange exchange, int status, Optional<ProxyFailure> failure) {
    Line line = new Line(hop);
    String asked = exchange.request().head().headers().get(Request.EXPLAIN);
    if (hop.equals(INBOUND) && asked != null) {
      line.append(proof(asked), MOST);
    }
    line.number("config", version);
    line.text("workload", workload);
    line.number("port", exchange.caller().localPort());
    line.number("status", status);
    if (exchange.settled()) {
      decided(line, exchange.decision());
    }
    tried(line, exchange);
    failure.ifPresent(why -> failed(line, why));
    Account account = exchange.account();
    if (account != null) {
      account.facts().forEach(line::text);
    }
    line.text("seed", HexFormat.of().toHexDigits(exchange.seed()));
    String id = exchange.request().headers().get(REQUEST_ID);
    line.text("id", id == null ? "-" : id);
    if (account != null) {
      rules(line, account);
    }
    return line.toString();
  }

  private static void decided(Line line, Decision decision) {
    line.text("route", decision.route().name());
    if (decision.action() instanceof Forward forward) {
      line.text("cluster", forward.cluster().toString());
      line.text("host", decision.authority());
      line.text("path", decision.target());
    } else if (decision.action() instanceof Redirect redirect) {
      line.text("redirect", redirect.location());
    } else if (decision.action() instanceof Refuse refuse) {
      line.text("refused", refuse.cause().word());
    } else if (decision.action() instanceof Denied denied) {
      line.text("refused", denied.reason().reason().word());
    }
    decision
        .fault()
        .ifPresent(
            fault -> {
              if (!fault.delay().isZero()) {
                line.text("delay", millis(fault.delay()));
              }
              fault.httpStatus().ifPresent(abort -> line.number("abort", abort));
              fault.grpcStatus().ifPresent(abort -> line.number("abort-grpc", abort));
            });
    if (!decision.mirrors().isEmpty()) {
      line.text(
          "mirrors",
          decision.mirrors().stream().map(Object::toString).collect(Collectors.joining(" ")));
    }
  }

  private static void tried(Line line, Exchange exchange) {
    List<AttemptFacts> all = exchange.tried();
    line.number("attempts", all.size());
    if (!all.isEmpty()) {
      line.text("endpoint", exchange.endpoint());
    }
    int first = Math.max(0, all.size() - MOST_ATTEMPTS);
    for (AttemptFacts one : all.subList(first, all.size())) {
      String end = one.failure().map(ProxyFailure::reason).map(ProxyFailure.Cause::word).orElse("");
      String told = end.isEmpty() ? Integer.toString(one.status()) : end;
      line.text("attempt" + one.number(), one.endpoint() + " " + told);
    }
  }

  private static void failed(Line line, ProxyFailure failure) {
    line.text("cause", failure.reason().word());
    line.text("detail", String.valueOf(failure.getMessage()));
  }

  private static void rules(Line line, Account account) {
    List<Account.Tried> tried = account.tried();
    int told = 0;
    while (told < tried.size() && line.rule(told + 1, tried.get(told))) {
      told++;
    }
    int omitted = tried.size() - told + account.omitted();
    if (omitted > 0) {
      line.number("omitted", omitted);
    }
  }

  /** Grows by parameters, as far as there is room. */
  private static final class Line {

    private final StringBuilder text;

    Line(String item) {
      this.text = new StringBuilder(512).append(item);
    }

    void number(String name, long value) {
      append("; " + name + "=" + value, MOST);
    }

    void text(String name, String value) {
      append("; " + name + "=" + quoted(value), MOST - RESERVE);
    }

    boolean rule(int number, Account.Tried rule) {
      String told = rule.why().isEmpty() ? "chosen" : rule.why();
      return append("; rule" + number + "=" + quoted(rule.rule() + ": " + told), MOST - RESERVE);
    }

    private boolean append(String parameter, int most) {
      boolean fits = text.length() + parameter.length() <= most;
      if (fits) {
        text.append(parameter);
      }
      return fits;
    }

    /** RFC 8941 section 3.3.3; what is not printable ASCII is a question mark. */
    private static String quoted(String value) {
      StringBuilder quoted = new StringBuilder(value.length() + 2).append('"');
      boolean whole = value.length() <= MOST_TEXT;
      String shown = whole ? value : value.substring(0, MOST_TEXT) + "...";
      for (int i = 0; i < shown.length(); i++) {
        char c = shown.charAt(i);
        if (c == '"' || c == '\\') {
          quoted.append('\\');
        }
        quoted.append(c < ' ' || c > '~' ? '?' : c);
      }
      return quoted.append('"').toString();
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
