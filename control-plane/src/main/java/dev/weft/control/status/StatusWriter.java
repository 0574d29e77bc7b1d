package dev.weft.control.status;

import dev.weft.control.stream.GatewayTrouble;
import dev.weft.kubernetes.note.ConfigMapNotes;
import dev.weft.kubernetes.note.Note;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.Timers;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has it written on each ConfigMap what became of it: one after the other, two a second, the newest
 * alone where there is more to say. Who is not the one to write keeps the newest of each, and
 * writes what is not there yet once he is. Where it cannot be written it is tried again, with
 * growing pauses, and told once.
 *
 * <p>Belongs to one event loop.
 */
public final class StatusWriter {

  private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);
  private static final Duration BETWEEN = Duration.ofMillis(500);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  private final Writer writer;
  private final Timers timers;
  private final Ticker ticker;
  private final BooleanSupplier leads;
  private final LongSupplier version;
  private final Statuses statuses = new Statuses();
  private final Map<String, Pending> pending = new LinkedHashMap<>(); // by what, namespace and name
  private Duration pause = FIRST_PAUSE;
  private boolean failing;
  private boolean busy;

  /** Puts a note where it belongs. */
  @FunctionalInterface
  public interface Writer {

    /**
     * @param known whether another process may have told the same before
     */
    Future<ConfigMapNotes.Done> write(Note note, boolean known, Instant now);
  }

  /** What is still to be written. */
  private record Pending(Note note, boolean known) {}

  /**
   * @param leads whether this process is the one to write
   * @param version of what serves now
   */
  public StatusWriter(
      Writer writer, Timers timers, Ticker ticker, BooleanSupplier leads, LongSupplier version) {
    this.writer = writer;
    this.timers = timers;
    this.ticker = ticker;
    this.leads = leads;
    this.version = version;
  }

  /** Takes what became of all ConfigMaps. */
  public void read(Reading reading) {
    take(statuses.after(reading, version.getAsLong()));
  }

  /**
   * Takes what does not work at gateways.
   *
   * @param troubles by unit
   * @param all whether nothing is wrong with other units
   */
  public void troubled(Map<String, List<GatewayTrouble>> troubles, boolean all) {
    take(statuses.after(troubles, all));
  }

  private void take(List<Statuses.News> all) {
    boolean leading = leads.getAsBoolean();
    for (Statuses.News news : all) {
      String name = news.note().on() + " " + news.note().namespace() + "/" + news.note().name();
      Pending before = pending.get(name);
      boolean maybe = news.first() && (before == null || before.known);
      pending.put(name, new Pending(news.note(), maybe || !leading));
    }
    next();
  }

  private void next() {
    if (busy || pending.isEmpty()) {
      return;
    }
    busy = true;
    if (!leads.getAsBoolean()) {
      again(FIRST_PAUSE);
      return;
    }
    Map.Entry<String, Pending> first = pending.entrySet().iterator().next();
    String name = first.getKey();
    Pending one = first.getValue();
    pending.remove(name);
    writer
        .write(one.note, one.known, Instant.ofEpochMilli(ticker.epochMillis()))
        .onSuccess(
            done -> {
              pause = FIRST_PAUSE;
              failing = false;
              again(BETWEEN);
            })
        .onFailure(
            cause -> {
              pending.merge( // behind the others
                  name, one, (newer, old) -> new Pending(newer.note, newer.known && old.known));
              failed(String.valueOf(cause.getMessage()));
            });
  }

  private void failed(String sentence) {
    if (!failing) {
      failing = true;
      LOG.warn("{}; the log tells what is told there", sentence);
    }
    again(pause);
    Duration longer = pause.multipliedBy(2);
    pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
  }

  private void again(Duration after) {
    timers.after(
        after,
        () -> {
          busy = false;
          next();
        });
  }
}
