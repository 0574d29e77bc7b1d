package dev.weft.routing.identity.certificate;

import dev.weft.routing.clock.Ticker;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Certificates that a gateway's servers show to whoever calls from outside, as they were read last.
 * They are read again while somebody asks, since files change by themselves. Any thread may enter;
 * none waits for a file.
 */
public final class ServedCertificates {

  private static final long OLD_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Ticker ticker;
  private final Executor reading;
  private final AtomicBoolean reads = new AtomicBoolean();
  private volatile Look last = new Look(List::of, List.of(), 0);

  /**
   * @param source of {@code found}
   * @param at when, in nanoseconds
   */
  private record Look(
      Supplier<List<X509Certificate>> source, List<X509Certificate> found, long at) {}

  /**
   * @param reading runs what may block
   */
  public ServedCertificates(Ticker ticker, Executor reading) {
    this.ticker = ticker;
    this.reading = reading;
  }

  /**
   * From now on they come from there.
   *
   * @param source reads them; may block
   */
  public void from(Supplier<List<X509Certificate>> source) {
    synchronized (this) {
      last = new Look(source, last.found, ticker.nanos() - OLD_NANOS - 1);
    }
    all();
  }

  /** The leaves that were found by the last look; where that was long ago another one begins. */
  public List<X509Certificate> all() {
    Look known = last;
    if (ticker.nanos() - known.at > OLD_NANOS && reads.compareAndSet(false, true)) {
      reading.execute(this::read);
    }
    return known.found;
  }

  private void read() {
    Look before = last;
    try {
      Look now = new Look(before.source, before.source.get(), ticker.nanos());
      synchronized (this) {
        if (last.source == before.source) { // otherwise they come from elsewhere by now
          last = now;
        }
      }
    } finally {
      reads.set(false);
    }
  }
}
