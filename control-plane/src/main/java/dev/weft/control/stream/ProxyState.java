package dev.weft.control.stream;

import dev.weft.routing.discovery.standing.PlainLine;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * How one proxy stands: what it was told, and what it said of that. Times are of one monotonic
 * clock, in nanoseconds. One event loop's own.
 */
final class ProxyState {

  private static final int LONGEST_REASON = 500;

  private final long stream;
  private final SpiffeId id;
  private final String address;
  private final Optional<String> pod;
  private final long since;
  private long told; // version; 0 for none yet
  private long toldAt;
  private long acknowledged;
  private long refused; // version; 0 where the newest answer was no refusal
  private String why = "";
  private Standing standing = Standing.NONE;

  /**
   * @param stream by which its acknowledgements name it
   * @param address from which it came
   * @param pod that its certificate names; empty where it names none
   */
  ProxyState(long stream, SpiffeId id, String address, Optional<String> pod, long now) {
    this.pod = pod;
    this.stream = stream;
    this.id = id;
    this.address = address;
    this.since = now;
    this.toldAt = now;
  }

  long stream() {
    return stream;
  }

  SpiffeId id() {
    return id;
  }

  /** A version goes to it. */
  void told(long version, long now) {
    told = version;
    toldAt = now;
  }

  /**
   * It says what became of a version; what it was not told is not taken from it.
   *
   * @return whether that is news
   */
  boolean answered(long version, boolean accepted, String reason) {
    if (version > told || version < Math.max(acknowledged, refused)) {
      return false;
    }
    boolean known = version == (accepted ? acknowledged : refused);
    if (accepted) {
      acknowledged = version;
      refused = 0;
      why = "";
    } else {
      refused = version;
      why = line(reason);
    }
    return !known;
  }

  /**
   * It says how it stands.
   *
   * @return whether that is news
   */
  boolean stands(Standing now) {
    boolean news = !now.equals(standing);
    standing = now;
    return news;
  }

  Standing standing() {
    return standing;
  }

  /** Who it is, for people: its pod where that is known. */
  String name() {
    return id + pod.map(one -> " (pod " + one + ")").orElse("");
  }

  /** What a proxy says, on one line of bounded length. */
  static String line(String reason) {
    return PlainLine.of(reason, LONGEST_REASON);
  }

  /** As {@code /proxies} tells it. */
  JsonObject json(long now) {
    JsonObject all =
        new JsonObject()
            .put("stream", stream)
            .put("identity", id.toString())
            .put("namespace", id.namespace())
            .put("account", id.serviceAccount())
            .put("address", address)
            .put("connectedSeconds", seconds(since, now))
            .put("sent", told)
            .put("sentSeconds", seconds(toldAt, now))
            .put("acknowledged", acknowledged)
            .put("inSync", told > 0 && acknowledged == told)
            .mergeIn(standing.json());
    pod.ifPresent(name -> all.put("pod", name));
    return refused == 0
        ? all
        : all.put("refused", new JsonObject().put("version", refused).put("why", why));
  }

  private static long seconds(long from, long to) {
    return (to - from) / 1_000_000_000L;
  }
}
