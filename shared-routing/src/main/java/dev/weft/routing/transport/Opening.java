package dev.weft.routing.transport;

/** A connection on its way; compared by identity. One event loop's own. */
final class Opening {

  private final long sinceNanos;
  private boolean outdated;

  Opening(long sinceNanos) {
    this.sinceNanos = sinceNanos;
  }

  long sinceNanos() {
    return sinceNanos;
  }

  /** What it was begun with does not hold any more: it is closed when it is there. */
  void outdate() {
    outdated = true;
  }

  boolean outdated() {
    return outdated;
  }
}
