package dev.weft.routing.listener.connection;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.listener.http1.CallerEnd;

/** A caller's connection and whether anything is under way on it. One event loop's own. */
public final class OpenConnection {

  private final Ticker ticker;
  private final CallerEnd end;
  private Caller caller;
  private int active;
  private long idleSince;
  private boolean told; // that it ends
  private boolean closing;

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
  public void began() {
    active++;
  }

  /** A request is over. */
  public void ended() {
    active--;
    end.answered();
    if (active == 0) {
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
