package dev.weft.routing.listener;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.identity.PeerFault;
import dev.weft.routing.telemetry.LogOncePerMinute;
import dev.weft.routing.telemetry.refusal.RefusalLog;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts connections that were not taken, by reason, and logs each reason at most once a minute,
 * with how many more there were. Any thread may enter.
 */
public final class Refusals {

  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  private final LogOncePerMinute told;
  private final AtomicInteger open = new AtomicInteger();
  private volatile Optional<RefusalLog> log = Optional.empty();

  /** Why a connection was refused: in lower case the metric's label. */
  public enum Reason {
    PLAINTEXT("plaintext where mTLS is required"),
    TLS("TLS where PeerAuthentication says DISABLE, or none is served"),
    EXPIRED("its certificate is not valid now"),
    UNKNOWN_AUTHORITY("its certificate is of no root of this mesh"),
    REVOKED("its certificate is revoked"),
    IDENTITY("no identity of this mesh"),
    NO_CERTIFICATE("it showed no certificate"),
    HANDSHAKE("the TLS handshake failed"),
    NO_CERTIFICATE_TO_SHOW("no certificate for it"),
    SILENT("no bytes came in time"),
    SLOW_HEAD("the head of its request did not come in time"),
    FLOOD("its frames ask for nothing, or take back what they asked for, and are too many"),
    PROXY_HEADER("it does not begin with a PROXY header, or with a broken one"),
    PROTOCOL("neither TLS nor HTTP"),
    BAD_REQUEST("what it sent is no request that could be meant"),
    LOOP("it was meant for this proxy, or nobody redirected it here"),
    UNKNOWN_DESTINATION("no service is where it was going, and others are not allowed"),
    DENIED("an AuthorizationPolicy keeps it away"),
    NO_ROUTE("no tcp or tls rule of a VirtualService is for it"),
    UNREACHABLE("where it was going nobody takes it"),
    CONNECTION_LIMIT("as many as the service's maxConnections allows are open"),
    LIMIT("as many as limits.connections allows are open");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** What a failed handshake counts as. */
    static Reason of(Throwable failure) {
      return switch (PeerFault.of(failure)) {
        case EXPIRED -> EXPIRED;
        case UNKNOWN_AUTHORITY, OTHER_ROOT -> UNKNOWN_AUTHORITY;
        case REVOKED -> REVOKED;
        case IDENTITY -> IDENTITY;
        case NO_CERTIFICATE -> NO_CERTIFICATE;
        case HANDSHAKE -> HANDSHAKE;
      };
    }

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Refusals(Ticker ticker) {
    this.told = new LogOncePerMinute(LOG, ticker);
  }

  /** Has each told of in the access log too, from now on. */
  public void tell(RefusalLog lines) {
    log = Optional.of(lines);
  }

  /**
   * A connection was not taken.
   *
   * @param port that it was opened to
   */
  void connection(Reason reason, SocketAddress peer, int port, String detail) {
    count(reason, peer, detail);
    log.ifPresent(
        lines ->
            lines.connection(
                Caller.anonymous(peer.host(), peer.port(), port, false),
                reason.label(),
                reason.text + detail));
  }

  /**
   * A request was answered before anything was done with it.
   *
   * @param head as far as it could be read
   */
  void request(
      Caller caller,
      RequestHead head,
      HttpVersion version,
      ProxyFailure failure,
      boolean incoming) {
    String peer = caller.peer() + ":" + caller.port();
    count(Reason.BAD_REQUEST, peer, ": " + failure.getMessage());
    log.ifPresent(lines -> lines.request(caller, head, version, failure, incoming));
  }

  /** Counts one of which others tell. */
  void count(Reason reason, Object peer, String detail) {
    told.warn(
        reason.label(), () -> "refused a connection from " + peer + ": " + reason.text + detail);
  }

  /**
   * Whether there is room for one more connection; {@code true} takes a place until {@link #left}.
   *
   * @param most 0 for no limit
   */
  boolean enter(int most) {
    if (open.incrementAndGet() > most && most > 0) {
      open.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Gives back a place. */
  void left() {
    open.decrementAndGet();
  }

  /** Connections refused since the start, by reason; all reasons are told, also at 0. */
  public Map<String, Long> counts() {
    Map<String, Long> seen = told.counts();
    Map<String, Long> all = new LinkedHashMap<>();
    for (Reason reason : Reason.values()) {
      all.put(reason.label(), seen.getOrDefault(reason.label(), 0L));
    }
    return all;
  }
}
