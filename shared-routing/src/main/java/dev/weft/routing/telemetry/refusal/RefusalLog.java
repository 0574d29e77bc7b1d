package dev.weft.routing.telemetry.refusal;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Refuse;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange.Known;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.telemetry.AccessEntry;
import dev.weft.routing.telemetry.AccessLog;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.ExchangeObserver.Messages;
import dev.weft.routing.telemetry.RequestSignals;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.line.LineRules;
import dev.weft.routing.telemetry.line.Taken;
import dev.weft.routing.telemetry.tcp.ConnectionLog;
import dev.weft.routing.telemetry.tcp.ConnectionLog.Note;
import dev.weft.routing.telemetry.tcp.ConnectionLog.Serving;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Tells of requests that could not be read or meant, and of connections that were not taken: one
 * line each in the access log, where it is on, and the same to those who watch. Whoever floods a
 * proxy writes no more than {@value #A_SECOND} of these lines a second; further ones are counted as
 * dropped. Any thread may enter; allocates nothing where there is no room.
 */
public final class RefusalLog {

  /** Lines in a second, over all event loops. */
  public static final int A_SECOND = 100;

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final String NONE = "-";
  private static final String REQUEST_ID = "x-request-id";
  private static final String USER_AGENT = "user-agent";

  private final Optional<AccessLog> log;
  private final Tap tap;
  private final Supplier<Serving> serving;
  private final ConnectionLog connections;
  private final Ticker ticker;
  private final AtomicLong second = new AtomicLong(); // the one that is counted
  private final AtomicInteger written = new AtomicInteger(); // in that second

  /**
   * @param log empty where the access log is off
   * @param connections of the same log
   */
  public RefusalLog(
      Optional<AccessLog> log,
      Tap tap,
      Supplier<Serving> serving,
      ConnectionLog connections,
      Ticker ticker) {
    this.log = log;
    this.tap = tap;
    this.serving = serving;
    this.connections = connections;
    this.ticker = ticker;
  }

  /**
   * A connection was not taken.
   *
   * @param cause for machines
   * @param detail for people; may be empty
   */
  public void connection(Caller caller, String cause, String detail) {
    if (wanted(serving.get()) && room()) {
      Note note = connections.begin(caller, ticker.nanos());
      note.trouble(cause, detail);
      note.ended();
    }
  }

  /**
   * A request was answered before it was asked what to do with it.
   *
   * @param head as far as it could be read, {@code -} for what could not
   * @param incoming whether it came in at a sidecar
   */
  public void request(
      Caller caller,
      RequestHead head,
      HttpVersion version,
      ProxyFailure failure,
      boolean incoming) {
    Serving now = serving.get();
    if (!wanted(now) || !room()) {
      return;
    }
    AccessEntry entry = entry(caller, head, version, failure, now);
    if (now.logged() && now.rules().wants(incoming, entry)) {
      log.ifPresent(on -> on.offer(entry));
    }
    tap.publish(entry);
  }

  private AccessEntry entry(
      Caller caller, RequestHead head, HttpVersion version, ProxyFailure failure, Serving now) {
    LineRules rules = now.rules();
    Refuse refused = new Refuse(failure.reason(), String.valueOf(failure.getMessage()));
    Decision decision =
        new Decision(
            RouteId.NONE, refused, head.target(), head.authority(), Optional.empty(), List.of());
    return new AccessEntry(
        ticker.epochMillis(),
        0,
        0,
        head,
        version,
        caller,
        Known.NOTHING,
        decision,
        ticker.nanos(),
        NONE,
        0,
        now.version(),
        shown(head, rules, REQUEST_ID),
        shown(head, rules, USER_AGENT),
        Optional.empty(),
        List.of(),
        rules,
        Taken.of(rules.request(), rules.redacted(), name -> head.headers().get(name)),
        Taken.NOTHING,
        Taken.NOTHING,
        Ending.refused(RequestSignals.grpc(head), failure, 0, Messages.NONE, false));
  }

  private static Optional<String> shown(RequestHead head, LineRules rules, String name) {
    return Optional.ofNullable(head.headers().get(name))
        .map(value -> rules.redacted().contains(name) ? Taken.REDACTED : value);
  }

  private boolean wanted(Serving now) {
    return (now.logged() && log.isPresent()) || tap.watched();
  }

  private boolean room() {
    long now = Math.floorDiv(ticker.nanos(), SECOND);
    long counted = second.get();
    if (counted != now && second.compareAndSet(counted, now)) {
      written.set(0);
    }
    if (written.get() < A_SECOND && written.incrementAndGet() <= A_SECOND) {
      return true;
    }
    log.ifPresent(AccessLog::lost);
    return false;
  }
}
