package dev.weft.routing.listener.connection;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.listener.http1.BrokenBody;
import dev.weft.routing.listener.http1.CallerEnd;
import org.jspecify.annotations.Nullable;

/** A caller's connection and whether anything is under way on it. One event loop's own. */
public final class OpenConnection implements BrokenBody {

  private final Ticker ticker;
  private final CallerEnd end;
  private Caller caller;
  private int active;
  private long idleSince;
  private boolean told; // that it ends
  private boolean closing;
  private boolean over;
  private int begun; // requests, since the start
  private @Nullable Exchange current; // the newest, until none is under way

  OpenConnection(Caller caller, CallerEnd end, Ticker ticker) {
    this.caller = caller;
    this.end = end;
    this.ticker = ticker;
    this.idleSince = ticker.nanos();
  }

  /** Who is at its other end, as far as is known by now. */
  public Caller caller() {
    return caller;
  }

  /** More is known of the caller. */
  public void introduced(Caller better) {
    caller = better;
  }

  /** Who hears of its requests, should its caller end its side. */
  public CallerEnd end() {
    return end;
  }

  /** A request begins; {@link #ended()} follows once. */
  public void began(Exchange exchange) {
    active++;
    begun++;
    current = exchange;
  }

  @Override
  public boolean broken(int heads, String why) {
    Exchange its = current;
    if (its == null || heads != begun) {
      return false;
    }
    its.cancel(new ProxyFailure(Cause.BAD_REQUEST, why));
    return true;
  }

  /** Of HTTP/1: it ends with the answer that is under way, and what comes behind is not served. */
  public void last() {
    over = true;
  }

  /** Whether its {@link #last} answer was under way before. */
  public boolean over() {
    return over;
  }

  /** A request is over. */
  public void ended() {
    active--;
    end.answered();
    if (active == 0) {
      current = null;
      idleSince = ticker.nanos();
    }
  }

  /** Whether it was not told before to end; once told it stays so. */
  public boolean leaves() {
    boolean first = !told;
    told = true;
    return first;
  }

  /** Whether it was not closed before. */
  boolean closes() {
    boolean first = !closing;
    closing = true;
    return first;
  }

  boolean idle(long nanos) {
    return active == 0 && ticker.nanos() - idleSince >= nanos;
  }
}
