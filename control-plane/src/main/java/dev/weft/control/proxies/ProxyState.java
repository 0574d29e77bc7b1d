package dev.weft.control.proxies;

import dev.weft.routing.discovery.standing.PlainLine;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.discovery.standing.Standing.Certified;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * How one proxy stands: what it was told, and what it said of that. Times are of one monotonic
 * clock, in nanoseconds. One event loop's own.
 */
public final class ProxyState {

  private static final int LONGEST_REASON = 500;

  private final long stream;
  private final Peer peer;
  private final long since;
  private long told; // version; 0 for none yet
  private long toldAt;
  private long acknowledged;
  private long refused; // version; 0 where the newest answer was no refusal
  private String why = "";
  private Standing standing = Standing.NONE;

  /**
   * @param stream by which its acknowledgements name it
   */
  ProxyState(long stream, Peer peer, long now) {
    this.stream = stream;
    this.peer = peer;
    this.since = now;
    this.toldAt = now;
  }

  /** The name of its stream; no two have the same. */
  public long stream() {
    return stream;
  }

  /** Who it is. */
  public Peer peer() {
    return peer;
  }

  public SpiffeId id() {
    return peer.id();
  }

  /** A version goes to it. */
  public void told(long version, long now) {
    told = version;
    toldAt = now;
  }

  /**
   * It says what became of a version; what it was not told is not taken from it.
   *
   * @return whether that is news
   */
  public boolean answered(long version, boolean accepted, String reason) {
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
  public boolean stands(Standing now) {
    boolean news = !now.equals(standing);
    standing = now;
    return news;
  }

  /** What it said last of how it stands. */
  public Standing standing() {
    return standing;
  }

  /** Why it does not serve the newest version that it was told; empty where it refused none. */
  public Optional<String> refusal() {
    return refused == 0 ? Optional.empty() : Optional.of(why);
  }

  /** How long its newest certificate holds: it may have renewed the one that it connected with. */
  public Certified certified() {
    return standing.about().certified().orElse(peer.certified());
  }

  /** What a proxy says, on one line of bounded length. */
  public static String line(String reason) {
    return PlainLine.of(reason, LONGEST_REASON);
  }

  /**
   * As {@code /proxies} tells it.
   *
   * @param now of the monotonic clock
   * @param epochMillis of the wall's
   */
  public JsonObject json(long now, long epochMillis) {
    Certified certified = certified();
    JsonObject all =
        new JsonObject()
            .put("stream", stream)
            .put("identity", peer.id().toString())
            .put("namespace", peer.id().namespace())
            .put("account", peer.id().serviceAccount())
            .put("address", peer.address())
            .put("connectedSeconds", seconds(since, now))
            .put("sent", told)
            .put("sentSeconds", seconds(toldAt, now))
            .put("acknowledged", acknowledged)
            .put("inSync", told > 0 && acknowledged == told)
            .mergeIn(standing.json())
            .put(
                "certificate",
                certified.json().put("secondsLeft", certified.notAfter() - epochMillis / 1_000));
    peer.pod().ifPresent(name -> all.put("pod", name));
    return refused == 0
        ? all
        : all.put("refused", new JsonObject().put("version", refused).put("why", why));
  }

  static long seconds(long from, long to) {
    return (to - from) / 1_000_000_000L;
  }
}
