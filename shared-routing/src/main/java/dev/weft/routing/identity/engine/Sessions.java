package dev.weft.routing.identity.engine;

import dev.weft.routing.clock.Ticker;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * A server's context that says what its callers may take up again without a whole handshake.
 *
 * <p>A session is sealed into a ticket (RFC 5077, RFC 8446 section 2.2) under a key of this context
 * alone, which is stored nowhere. Where sessions may be taken up the key is replaced each hour, and
 * the one before it opens what it sealed for one hour more. Where they may not, each handshake has
 * a key of its own: it is made when the handshake has begun, so that what the caller brought was
 * sealed under another. The library has no switch for that on a context.
 */
public final class Sessions extends DelegatingSslContext {

  /** How long a session is taken up again at most, in seconds. */
  public static final long LONGEST_SECONDS = TimeUnit.HOURS.toSeconds(2);

  private static final long TURN_NANOS = TimeUnit.HOURS.toNanos(1);

  private final OpenSslSessionContext sessions;
  private final Ticker ticker;
  private final long turn; // in nanoseconds; 0 at each handshake
  private final SecureRandom random = new SecureRandom();
  private @Nullable OpenSslSessionTicketKey current;
  private volatile long due;

  private Sessions(SslContext context, OpenSslSessionContext sessions, Ticker ticker, long turn) {
    super(context);
    this.sessions = sessions;
    this.ticker = ticker;
    this.turn = turn;
    this.due = ticker.nanos();
    turn();
  }

  /** Its callers take sessions up again. The JDK's TLS has keys of its own for that. */
  public static SslContext resumed(SslContext context, Ticker ticker) {
    return context.sessionContext() instanceof OpenSslSessionContext sessions
        ? new Sessions(context, sessions, ticker, TURN_NANOS)
        : context;
  }

  /**
   * Every handshake is a whole one, so that what a caller proves is verified each time: a session
   * would outlive its certificate. The JDK's TLS cannot do without; there it ends after a second.
   */
  public static SslContext whole(SslContext context, Ticker ticker) {
    if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
      sessions.setSessionCacheEnabled(false);
      return new Sessions(context, sessions, ticker, 0);
    }
    context.sessionContext().setSessionTimeout(1);
    return context;
  }

  @Override
  protected void initEngine(SSLEngine engine) {
    if (turn == 0 || ticker.nanos() - due >= 0) {
      turn();
    }
  }

  private synchronized void turn() {
    long late = ticker.nanos() - due;
    if (late < 0 && turn > 0) {
      return; // another thread did
    }
    OpenSslSessionTicketKey before = current;
    OpenSslSessionTicketKey fresh = key();
    if (before == null || late >= turn) {
      sessions.setTicketKeys(fresh);
    } else {
      sessions.setTicketKeys(fresh, before);
    }
    current = fresh;
    due += late + turn;
  }

  private OpenSslSessionTicketKey key() {
    byte[] bytes = new byte[OpenSslSessionTicketKey.TICKET_KEY_SIZE];
    random.nextBytes(bytes);
    int hmac = OpenSslSessionTicketKey.NAME_SIZE;
    int aes = hmac + OpenSslSessionTicketKey.HMAC_KEY_SIZE;
    return new OpenSslSessionTicketKey(
        Arrays.copyOf(bytes, hmac),
        Arrays.copyOfRange(bytes, hmac, aes),
        Arrays.copyOfRange(bytes, aes, bytes.length));
  }
}
