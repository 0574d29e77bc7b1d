package dev.weft.routing.exchange;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.exchange.account.Account;
import dev.weft.routing.exchange.token.Token;
import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.TraceContext;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response on the way. Belongs to one event loop; only that loop may enter.
 *
 * <p>{@link #cancel} ends all that is under way for it: every live attempt registers with {@link
 * #onCancel}.
 */
public final class Exchange {

  private final Request request;
  private Caller caller;
  private final Loop loop;
  private final long seed;
  private final long startedNanos;
  private final List<Consumer<ProxyFailure>> live = new ArrayList<>(2);
  private Consumer<MultiMap> hints = untold -> {};
  private @Nullable Decision decision;
  private @Nullable ProxyFailure cancelled;
  private boolean admitted;
  private boolean delayed;
  private long limitNanos = Long.MAX_VALUE;
  private Known known = Known.NOTHING;
  private int attempts;
  private boolean crowdedOut;
  private String endpoint = "-";
  private Map<String, String> endpointLabels = Map.of();
  private String endpointPrincipal = "unknown";
  private @Nullable Response answer;
  private @Nullable TraceContext trace;
  private @Nullable InferredLink link;
  private @Nullable Account account;
  private List<AttemptFacts> earlier = List.of(); // attempts before the last one
  private String breaker = "-";
  private long span;
  private long beganNanos;
  private long answeredNanos;
  private int status;
  private @Nullable ProxyFailure failure;

  /**
   * @param seed 64 random bits of this hop, from which every draw of the decision is mixed
   */
  public Exchange(Request request, Caller caller, Loop loop, long seed) {
    this.request = request;
    this.caller = caller;
    this.loop = loop;
    this.seed = seed;
    this.startedNanos = loop.ticker().nanos();
  }

  /**
   * The event loop that an exchange belongs to.
   *
   * @param index from 0, by which stages find what they keep per loop
   */
  public record Loop(int index, Timers timers, Ticker ticker, UnderWay underWay) {
    public Loop(int index, Timers timers, Ticker ticker) {
      this(index, timers, ticker, new UnderWay());
    }
  }

  /** How many exchanges of a loop have begun and are not over. That loop's own. */
  public static final class UnderWay {

    private int count;

    public void began() {
      count++;
    }

    public void ended() {
      count--;
    }

    /** With the one that asks. */
    public int count() {
      return count;
    }
  }

  public Request request() {
    return request;
  }

  public Caller caller() {
    return caller;
  }

  /** Says for whom it asks, before anything is decided. */
  public void bears(Token token) {
    caller = caller.bearing(token);
  }

  /**
   * Whom the edge knows it to be from.
   *
   * @param user who proved it by a password
   * @param apiKey name of the key that was shown
   */
  public record Known(Optional<String> user, Optional<String> apiKey) {

    /** Nobody was asked. */
    public static final Known NOTHING = new Known(Optional.empty(), Optional.empty());

    public Known asUser(String name) {
      return new Known(Optional.of(name), apiKey);
    }

    public Known byKey(String name) {
      return new Known(user, Optional.of(name));
    }
  }

  public Known known() {
    return known;
  }

  /** Says from whom it is. */
  public void knows(Known other) {
    known = other;
  }

  public Loop loop() {
    return loop;
  }

  public long seed() {
    return seed;
  }

  /** {@link Ticker#nanos()} at the request's head. */
  public long startedNanos() {
    return startedNanos;
  }

  /** What was decided; there is one from the first stage on. */
  public Decision decision() {
    return Objects.requireNonNull(decision, "decision: none yet");
  }

  /** Whether there is one already. */
  public boolean settled() {
    return decision != null;
  }

  /** Settles it before the first stage; one that takes a key away settles the rest again. */
  public void decided(Decision settled) {
    this.decision = settled;
  }

  /** Whether it has a place among those that may be under way. */
  public boolean admitted() {
    return admitted;
  }

  /** Says that it has one, which it keeps to its end. */
  public void admit() {
    admitted = true;
  }

  /** Says how long it may take from its first attempt on. */
  public void limit(long nanos) {
    limitNanos = nanos;
  }

  /** Nanoseconds that it may take from its first attempt on; {@link Long#MAX_VALUE} for any. */
  public long limitNanos() {
    return limitNanos;
  }

  /** How many attempts were sent to an upstream so far. */
  public int attempts() {
    return attempts;
  }

  /** {@code host:port} of the endpoint last tried, {@code -} before. */
  public String endpoint() {
    return endpoint;
  }

  /** Labels of that endpoint. */
  public Map<String, String> endpointLabels() {
    return endpointLabels;
  }

  /** Whom the last endpoint had to prove to be; {@code unknown} where that is not one workload. */
  public String endpointPrincipal() {
    return endpointPrincipal;
  }

  /** Its last attempt waited for a connection while others had those that there are. */
  public void crowdOut() {
    crowdedOut = true;
  }

  /** Whether it ended so. */
  public boolean crowdedOut() {
    return crowdedOut;
  }

  /**
   * An attempt begins; {@link #attempt} then tells where it goes. An only one allocates nothing.
   *
   * @param nanos of the loop's ticker
   * @param breakerState as its circuit breaker is now
   * @param spanId of it; 0 where nothing is sampled
   */
  public void attempting(long nanos, String breakerState, long spanId) {
    if (attempts > 0) {
      List<AttemptFacts> all = new ArrayList<>(earlier);
      all.add(last());
      earlier = all;
    }
    if (account != null) {
      account.alone();
    }
    beganNanos = nanos;
    answeredNanos = 0;
    status = 0;
    failure = null;
    breaker = breakerState;
    span = spanId;
  }

  /** The head of its answer is there. */
  public void answered(long nanos, int head) {
    answeredNanos = nanos;
    status = head;
  }

  /** It ended without an answer. */
  public void unanswered(long nanos, Throwable cause) {
    answeredNanos = nanos;
    failure =
        cause instanceof ProxyFailure known
            ? known
            : new ProxyFailure(ProxyFailure.Cause.INTERNAL, String.valueOf(cause));
  }

  /** Says that a fault begins to delay it. */
  public void delay() {
    delayed = true;
  }

  /** Whether a fault delayed it, or began to. */
  public boolean delayed() {
    return delayed;
  }

  /** How long the last attempt took to its answer's head, in nanoseconds; empty without one. */
  public OptionalLong serviceNanos() {
    return status == 0 ? OptionalLong.empty() : OptionalLong.of(answeredNanos - beganNanos);
  }

  /** Says what its caller is answered. */
  public void answer(Response given) {
    answer = given;
  }

  /** What its caller was answered; empty while it was not, or where it was refused. */
  public Optional<Response> answer() {
    return Optional.ofNullable(answer);
  }

  /** When the head of the last attempt's answer was there, or it failed; 0 where neither was. */
  public long answeredNanos() {
    return answeredNanos;
  }

  /** All attempts so far, in their order. */
  public List<AttemptFacts> tried() {
    if (attempts == 0) {
      return List.of();
    }
    List<AttemptFacts> all = new ArrayList<>(earlier);
    all.add(last());
    return all;
  }

  private AttemptFacts last() {
    return new AttemptFacts(
        attempts,
        endpoint,
        span,
        beganNanos,
        answeredNanos,
        status,
        Optional.ofNullable(failure),
        breaker);
  }

  /** Counts an attempt and notes where it goes. */
  public void attempt(String hostAndPort, Map<String, String> labels, String principal) {
    attempts++;
    endpoint = hostAndPort;
    endpointLabels = labels;
    endpointPrincipal = principal;
  }

  /** Which trace it belongs to; empty where nobody asked, or it belongs to none. */
  public Optional<TraceContext> trace() {
    return Optional.ofNullable(trace);
  }

  /** Says which trace it belongs to. */
  public void traced(TraceContext own) {
    trace = own;
  }

  /** Says that its caller wants to know, and may, what becomes of it and why. */
  public void explain(Account noted) {
    account = noted;
  }

  /** Where to note how its decision comes about; null where nobody wants to know, or may. */
  public @Nullable Account account() {
    return account;
  }

  /**
   * Has the proxy of the mesh that gets an attempt explain its part as well, where somebody asked.
   *
   * @param outgoing headers of the attempt
   */
  public void askOn(MultiMap outgoing) {
    if (account != null) {
      outgoing.set(Request.EXPLAIN, account.asking());
    }
  }

  /** What it was probably asked for; empty where nothing tells. */
  public Optional<InferredLink> link() {
    return Optional.ofNullable(link);
  }

  /** Says what it was probably asked for. */
  public void linked(InferredLink inferred) {
    link = inferred;
  }

  /**
   * Registers what to reset should the exchange be cancelled; runs at once if it already is.
   *
   * @return takes the registration back
   */
  public Runnable onCancel(Consumer<ProxyFailure> reset) {
    if (cancelled != null) {
      reset.accept(cancelled);
      return () -> {};
    }
    live.add(reset);
    return () -> live.remove(reset);
  }

  /** Resets every live attempt, once; the first cause counts. */
  public void cancel(ProxyFailure cause) {
    if (cancelled != null) {
      return;
    }
    cancelled = cause;
    List<Consumer<ProxyFailure>> all = List.copyOf(live);
    live.clear();
    all.forEach(reset -> reset.accept(cause));
  }

  /** Says who takes what comes before the answer; nobody does unless somebody says so. */
  public void onHints(Consumer<MultiMap> taker) {
    hints = taker;
  }

  /** An attempt was told early hints (status 103): headers that the answer will probably have. */
  public void hint(MultiMap headers) {
    if (cancelled == null) {
      hints.accept(headers);
    }
  }

  /** Why it was cancelled; empty while it was not. */
  public Optional<ProxyFailure> cancelled() {
    return Optional.ofNullable(cancelled);
  }
}
