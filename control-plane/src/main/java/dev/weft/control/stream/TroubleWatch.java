package dev.weft.control.stream;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Says when what is wrong with Gateways is to be told: what is new within seconds, what ends or is
 * counted otherwise once it has lasted, so that a gateway that only connects anew is no news. Times
 * are of one monotonic clock, in nanoseconds. One event loop's own.
 */
public final class TroubleWatch {

  /** A control plane that starts does not know its gateways at once. */
  private static final long SETTLED = Duration.ofSeconds(15).toNanos();

  private static final long BETWEEN = Duration.ofSeconds(5).toNanos(); // two tellings
  private static final long LASTING = Duration.ofSeconds(10).toNanos();

  private final Hearer hearer;
  private final long began;
  private Map<String, List<GatewayTrouble>> told = Map.of();
  private boolean settled;
  private long toldAt;
  private long differs; // since when it is other than what was told
  private boolean same = true;

  /** Hears of what is wrong. */
  @FunctionalInterface
  public interface Hearer {

    /**
     * @param troubles by unit
     * @param all whether nothing is wrong with others; until then gateways may be missing that are
     *     about to connect
     */
    void troubled(Map<String, List<GatewayTrouble>> troubles, boolean all);
  }

  TroubleWatch(Hearer hearer, long now) {
    this.hearer = hearer;
    this.began = now;
    this.toldAt = now - BETWEEN;
  }

  /** As things are now; to be called about once a second. */
  void look(Map<String, List<GatewayTrouble>> troubles, long now) {
    boolean settles = !settled && now - began >= SETTLED;
    if (troubles.equals(told) && !settles) {
      same = true;
      return;
    }
    if (same) {
      same = false;
      differs = now;
    }
    boolean news = !sentences(told).containsAll(sentences(troubles));
    if (settles || (news ? now - toldAt >= BETWEEN : now - differs >= LASTING)) {
      settled = settled || settles;
      told = troubles;
      toldAt = now;
      same = true;
      hearer.troubled(troubles, settled);
    }
  }

  /** What was last told. */
  Map<String, List<GatewayTrouble>> told() {
    return told;
  }

  private static Set<String> sentences(Map<String, List<GatewayTrouble>> troubles) {
    return troubles.entrySet().stream()
        .flatMap(unit -> unit.getValue().stream().map(one -> unit.getKey() + " " + one.sentence()))
        .collect(Collectors.toCollection(HashSet::new));
  }
}
