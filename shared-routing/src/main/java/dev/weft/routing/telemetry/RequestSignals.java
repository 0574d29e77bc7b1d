package dev.weft.routing.telemetry;

import dev.weft.config.logging.Attribute;
import dev.weft.config.model.settings.Log;
import dev.weft.config.model.settings.Settings;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.failure.CauseCounts;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.EdgeLabels.Reporter;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.line.LineRules;
import dev.weft.routing.telemetry.line.Taken;
import dev.weft.routing.telemetry.rule.RuleCounts;
import dev.weft.routing.telemetry.tag.TagRules;
import dev.weft.routing.telemetry.trace.SeenTrace;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells the signals of one request that ended: counts it on its edge, and hands it to the access
 * log and the tap where they are on. One instance serves every event loop.
 */
public final class RequestSignals {

  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final double NANOS_PER_MILLI = 1e6;
  private static final String GRPC = "application/grpc";
  private static final Set<String> NOBODY = Set.of("UF", "UH", "UO", "NC"); // Envoy's flags
  private static final String REDACTED = Taken.REDACTED;
  private static final String ID = "x-request-id";
  private static final String FORWARDED = "x-forwarded-for";
  private static final String SERVICE_TIME = "x-envoy-upstream-service-time";

  private final Optional<AccessLog> log;
  private final Tap tap;
  private final Noted noted;
  private final CauseCounts causes;
  private final RuleCounts rules;
  private final LineRules lines;
  private final boolean idRedacted;
  private final boolean agentRedacted;
  private final TagRules tags;
  private final List<String> asked; // headers of requests, for lines and for tags
  private final List<String> answered;

  /**
   * @param log empty when the access log is off
   */
  public RequestSignals(Optional<AccessLog> log, Tap tap, Noted noted) {
    this(log, tap, noted, new CauseCounts(), new RuleCounts(), Told.DEFAULT);
  }

  private RequestSignals(
      Optional<AccessLog> log,
      Tap tap,
      Noted noted,
      CauseCounts causes,
      RuleCounts rules,
      Told told) {
    this.log = log;
    this.tap = tap;
    this.noted = noted;
    this.causes = causes;
    this.rules = rules;
    this.lines = told.lines;
    this.tags = told.tags;
    this.idRedacted = noted.redacted().contains(ID);
    this.agentRedacted = noted.redacted().contains(HttpHeaders.USER_AGENT.toString());
    this.asked = joined(lines.request(), tags.headers(Attribute.REQUEST_HEADERS));
    this.answered = joined(lines.response(), tags.headers(Attribute.RESPONSE_HEADERS));
  }

  /** What a snapshot wants told of requests: on lines, and as tags of metrics. */
  private record Told(LineRules lines, TagRules tags) {
    private static final Told DEFAULT = new Told(LineRules.DEFAULT, TagRules.STANDARD);
  }

  private static List<String> joined(List<String> some, Set<String> more) {
    Set<String> all = new LinkedHashSet<>(some);
    all.addAll(more);
    return List.copyOf(all);
  }

  /** How often each rule was chosen, of all that {@link #as} made of these. */
  public RuleCounts rules() {
    return rules;
  }

  /** Why requests ended without their service's answer, of all that {@link #as} made of these. */
  public CauseCounts causes() {
    return causes;
  }

  /** Empty when the access log is off. */
  public Optional<AccessLog> log() {
    return log;
  }

  /** Where those hear who watch. */
  public Tap tap() {
    return tap;
  }

  /**
   * Which request headers are noted with each request.
   *
   * @param headers beside {@code x-request-id} and {@code user-agent}
   * @param redacted of which only it is noted that they were there; in lower case
   *     <p>Source: {@code ProxySettings.log}.
   */
  public record Noted(List<String> headers, Set<String> redacted) {

    /** No further headers; credentials and cookies redacted wherever they would appear. */
    public static final Noted DEFAULT =
        new Noted(List.of(), Set.of("authorization", "cookie", "set-cookie"));

    public Noted {
      Set<String> lower = new LinkedHashSet<>();
      headers.forEach(header -> lower.add(header.toLowerCase(Locale.ROOT)));
      headers = List.copyOf(lower);
      redacted = Set.copyOf(redacted);
    }
  }

  /** Finds the edge that an exchange went over. Event loops ask it: no look-up by name. */
  @FunctionalInterface
  public interface EdgeFinder {
    /**
     * The counters of the exchange's edge.
     *
     * @param reached whether its last attempt came to a workload
     */
    EdgeSignals edge(Exchange exchange, boolean reached);
  }

  /**
   * What a snapshot's stages tell.
   *
   * @param configVersion that serves them
   */
  public ExchangeObserver observer(EdgeFinder edges, String configVersion) {
    return (exchange, ending) ->
        ended(exchange, edges.edge(exchange, reached(exchange, ending)), configVersion, ending);
  }

  /** These signals as a workload's settings want its requests logged and counted. */
  public RequestSignals as(Settings settings) {
    Log wanted = settings.log();
    LineRules compiled = new LineRules(wanted, System.getenv());
    Optional<AccessLog> on = compiled.on() ? log : Optional.empty();
    Noted told = new Noted(noted.headers(), Set.copyOf(wanted.redact()));
    TagRules counted = new TagRules(settings.metrics());
    return new RequestSignals(on, tap, told, causes, rules, new Told(compiled, counted));
  }

  /** Requests that nobody got are told as such: that is how dashboards find them. */
  private static boolean reached(Exchange exchange, Ending ending) {
    return exchange.attempts() > 0
        && ending.failure().filter(failure -> NOBODY.contains(failure.reason().flag())).isEmpty();
  }

  /** Whether the caller speaks gRPC. */
  public static boolean grpc(Request request) {
    return grpc(request.head());
  }

  /** Whether who sent that head does. */
  public static boolean grpc(RequestHead head) {
    String type = head.headers().get(HttpHeaders.CONTENT_TYPE);
    return type != null && type.startsWith(GRPC);
  }

  private void ended(Exchange exchange, EdgeSignals over, String configVersion, Ending ending) {
    long now = exchange.loop().ticker().nanos();
    long nanos = Math.max(0, now - exchange.startedNanos());
    AccessEntry entry = tags.asks() ? entry(exchange, configVersion, ending, nanos) : null;
    EdgeSignals edge = entry == null ? over : over.tagged(tags.of(entry), now);
    int loop = exchange.loop().index();
    int outcome = outcome(exchange.request(), ending);
    edge.record(loop, outcome, nanos, ending.requestBytes(), ending.responseBytes());
    if (Outcome.ofGrpc(outcome)) {
      edge.messages(loop, outcome, ending.messages());
    }
    if (exchange.trace().isPresent() && exchange.trace().get().sampled()) {
      long ended = exchange.loop().ticker().epochMillis();
      TraceContext trace = exchange.trace().get();
      edge.seen(loop, outcome, nanos, new SeenTrace(trace, nanos / NANOS_PER_MILLI, ended));
    }
    rules.count(exchange.decision(), Outcome.failed(outcome), nanos);
    if (ending.failure().isPresent()) {
      failed(exchange, edge, ending.failure().get());
    }
    told(exchange, edge, configVersion, ending, nanos, entry);
  }

  private void failed(Exchange exchange, EdgeSignals edge, ProxyFailure failure) {
    causes.count(failure.reason());
    rules
        .failures()
        .count(
            exchange.decision().route(),
            edge.labels().service().host(),
            failure,
            exchange.loop().ticker().epochMillis());
  }

  /**
   * To the log, where it wants this one, and to those who watch.
   *
   * @param known made of it already, where it was
   */
  private void told(
      Exchange exchange,
      EdgeSignals edge,
      String configVersion,
      Ending ending,
      long nanos,
      @Nullable AccessEntry known) {
    boolean tapped = tap.watched();
    boolean incoming = edge.labels().reporter() == Reporter.DESTINATION;
    boolean logged = log.isPresent() && lines.on(incoming);
    if (!logged && !tapped) {
      return;
    }
    AccessEntry entry = known == null ? entry(exchange, configVersion, ending, nanos) : known;
    if (logged && lines.wants(incoming, entry)) {
      log.get().offer(entry);
    }
    if (tapped) {
      tap.publish(entry);
    }
  }

  private static int outcome(Request request, Ending ending) {
    Optional<ProxyFailure.Cause> cause = ending.failure().map(ProxyFailure::reason);
    int outcome =
        grpc(request)
            ? Outcome.grpc(ending.status(), cause, ending.grpcStatus())
            : Outcome.http(ending.status(), cause);
    return ending.delayed() ? Outcome.delayed(outcome) : outcome;
  }

  private AccessEntry entry(Exchange exchange, String configVersion, Ending ending, long nanos) {
    Request request = exchange.request();
    return new AccessEntry(
        exchange.loop().ticker().epochMillis(),
        nanos,
        exchange.serviceNanos().isPresent()
            ? exchange.answeredNanos() - exchange.startedNanos()
            : 0,
        request.head(),
        request.version(),
        exchange.caller(),
        exchange.known(),
        exchange.decision(),
        exchange.seed(),
        exchange.endpoint(),
        exchange.attempts(),
        configVersion,
        shown(request.headers().get(REQUEST_ID), idRedacted),
        shown(request.head().headers().get(HttpHeaders.USER_AGENT), agentRedacted),
        exchange.trace(),
        noted.headers().isEmpty() ? List.of() : further(request.head().headers()),
        lines,
        asked.isEmpty()
            ? Taken.NOTHING
            : Taken.of(asked, lines.redacted(), name -> asked(request, name)),
        answered.isEmpty()
            ? Taken.NOTHING
            : Taken.of(answered, lines.redacted(), name -> given(exchange, name)),
        lines.trailers().isEmpty()
            ? Taken.NOTHING
            : Taken.of(lines.trailers(), lines.redacted(), name -> trailer(exchange, name)),
        ending);
  }

  /** As it came, but what every proxy on the way adds to. */
  private static @Nullable String asked(Request request, String name) {
    boolean ours = name.equals(ID) || name.equals(FORWARDED);
    return ours ? request.headers().get(name) : request.head().headers().get(name);
  }

  private static @Nullable String given(Exchange exchange, String name) {
    String value = exchange.answer().map(answer -> answer.header(name)).orElse(null);
    return value == null && name.equals(SERVICE_TIME) && exchange.serviceNanos().isPresent()
        ? AccessLine.millis(exchange.serviceNanos().getAsLong())
        : value;
  }

  private static @Nullable String trailer(Exchange exchange, String name) {
    return exchange.answer().map(answer -> answer.trailers().get(name)).orElse(null);
  }

  private static Optional<String> shown(@Nullable String value, boolean redacted) {
    return redacted && value != null ? Optional.of(REDACTED) : Optional.ofNullable(value);
  }

  private List<Map.Entry<String, String>> further(MultiMap headers) {
    List<Map.Entry<String, String>> found = new ArrayList<>(noted.headers().size());
    for (String name : noted.headers()) {
      String value = headers.get(name);
      if (value != null) {
        found.add(Map.entry(name, redacted(name, value)));
      }
    }
    return found;
  }

  private String redacted(String name, String value) {
    return noted.redacted().contains(name) ? REDACTED : value;
  }
}
