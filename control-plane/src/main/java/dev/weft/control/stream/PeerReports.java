package dev.weft.control.stream;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the gateways of all control planes say: the own ones', and every five seconds the others',
 * so that the one that leads knows of gateways that are not connected to it. Who tells nothing new
 * for half a minute is taken to be gone. Times are of one monotonic clock, in nanoseconds. One
 * event loop's own.
 */
public final class PeerReports {

  private static final Logger LOG = LoggerFactory.getLogger(PeerReports.class);
  private static final long BETWEEN = Duration.ofSeconds(5).toNanos();
  private static final long GONE = Duration.ofSeconds(30).toNanos();
  private static final long FORGOTTEN = Duration.ofSeconds(90).toNanos(); // its words, too
  private static final String BEAT = "beat"; // counts tellings, so that each is another

  private final String self;
  private final Exchange exchange;
  private final Map<String, Heard> heard = new HashMap<>(); // by who tells
  private Optional<Long> asked = Optional.empty(); // when
  private long beats;
  private boolean busy;
  private boolean telling; // there are own words
  private boolean failing;

  /** Where control planes tell each other. */
  @FunctionalInterface
  public interface Exchange {

    /** Nobody else is there. */
    Exchange NONE = changes -> Future.succeededFuture(Map.of());

    /**
     * @param changes what is told from now on, by who tells it; empty for nothing more
     * @return what is told then, by who tells it, on the event loop of the caller
     */
    Future<Map<String, String>> with(Map<String, Optional<String>> changes);
  }

  private record Heard(String words, GatewayReport report, long at) {}

  /**
   * @param self this process, unlike any other
   */
  public PeerReports(String self, Exchange exchange) {
    this.self = self;
    this.exchange = exchange;
  }

  /** The own one and those of the others that are there; to be called about once a second. */
  List<GatewayReport> with(GatewayReport own, long now) {
    if (!busy && asked.filter(before -> now - before < BETWEEN).isEmpty()) {
      busy = true;
      asked = Optional.of(now);
      exchange
          .with(changes(own, now))
          .onSuccess(all -> take(all, now))
          .onFailure(this::say)
          .onComplete(done -> busy = false);
    }
    List<GatewayReport> all = new ArrayList<>(List.of(own));
    heard.values().stream().filter(one -> now - one.at < GONE).forEach(one -> all.add(one.report));
    return all;
  }

  private Map<String, Optional<String>> changes(GatewayReport own, long now) {
    Map<String, Optional<String>> changes = new HashMap<>();
    heard.forEach(
        (who, one) -> {
          if (now - one.at >= FORGOTTEN) {
            changes.put(who, Optional.empty());
          }
        });
    if (!own.empty()) {
      changes.put(self, Optional.of(own.json().put(BEAT, ++beats).encode()));
    } else if (telling) {
      changes.put(self, Optional.empty());
    }
    telling = !own.empty();
    return changes;
  }

  private void take(Map<String, String> all, long now) {
    failing = false;
    heard.keySet().retainAll(all.keySet());
    all.forEach(
        (who, words) -> {
          Heard before = heard.get(who);
          if (!who.equals(self) && (before == null || !before.words.equals(words))) {
            heard.put(who, new Heard(words, read(words), now));
          }
        });
  }

  /** Of a version that says it otherwise, nothing. */
  private static GatewayReport read(String words) {
    try {
      return GatewayReport.read(new JsonObject(words));
    } catch (RuntimeException otherwise) {
      return new GatewayReport(Map.of(), List.of());
    }
  }

  private void say(Throwable cause) {
    if (!failing) {
      failing = true;
      LOG.warn("what gateways say is not told to the other control planes: {}", cause.getMessage());
    }
  }
}
