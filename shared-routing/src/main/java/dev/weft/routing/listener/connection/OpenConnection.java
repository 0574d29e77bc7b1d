package dev.weft.routing.listener.connection;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Caller;

/** A caller's connection and whether anything is under way on it. One event loop's own. */
public final class OpenConnection {

  private final Ticker ticker;
  private Caller caller;
  private int active;
  private long idleSince;

  OpenConnection(Caller caller, Ticker ticker) {
    this.caller = caller;
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

  /** A request begins; {@link #ended()} follows once. */
  public void began() {
    active++;
  }

  /** A request is over. */
  public void ended() {
    active--;
    if (active == 0) {
      idleSince = ticker.nanos();
    }
  }

  boolean idle(long nanos) {
    return active == 0 && ticker.nanos() - idleSince >= nanos;
  }
}
