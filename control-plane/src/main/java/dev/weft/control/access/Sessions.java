package dev.weft.control.access;

import dev.weft.routing.clock.Ticker;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who logged in with the token, by a random name of 256 bits that only its browser knows. A session
 * ends after twelve hours, with the token that it was begun with, or when there are more than
 * {@value #MOST}, the oldest first. One event loop's own.
 */
final class Sessions {

  /** How long one lasts. */
  static final Duration LIFE = Duration.ofHours(12);

  private static final int MOST = 100;
  private static final int BYTES = 32;

  private final Ticker ticker;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Session> sessions = new LinkedHashMap<>(); // the oldest first

  private record Session(TokenFile token, long endsNanos) {}

  Sessions(Ticker ticker) {
    this.ticker = ticker;
  }

  /** A new one, of somebody who knew {@code token}. */
  String begin(TokenFile token) {
    if (sessions.size() >= MOST) {
      sessions.remove(sessions.keySet().iterator().next());
    }
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    String name = HexFormat.of().formatHex(bytes);
    sessions.put(name, new Session(token, ticker.nanos() + LIFE.toNanos()));
    return name;
  }

  /**
   * With which token one of that name was begun, as long as that is good.
   *
   * @param tokens that are good now
   */
  Optional<TokenFile> token(String name, List<TokenFile> tokens) {
    Session one = sessions.get(name);
    if (one == null) {
      return Optional.empty();
    }
    boolean over = one.endsNanos - ticker.nanos() <= 0;
    if (over || tokens.stream().noneMatch(one.token::same)) {
      sessions.remove(name);
      return Optional.empty();
    }
    return Optional.of(one.token);
  }

  void end(String name) {
    sessions.remove(name);
  }
}
