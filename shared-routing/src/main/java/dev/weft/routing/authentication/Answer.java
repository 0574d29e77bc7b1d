package dev.weft.routing.authentication;

import dev.weft.routing.authentication.jwt.TokenFault;
import dev.weft.routing.exchange.token.Token;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;

/** What is known of a request's token. */
public sealed interface Answer {

  /** It has none. */
  enum None implements Answer {
    ANONYMOUS
  }

  /**
   * It has one that counts.
   *
   * @param headers that tell of it
   * @param taken where the token stands and is taken away; empty where it goes on
   */
  record Known(Token token, Map<String, String> headers, Optional<TokenPlace> taken)
      implements Answer {
    public Known {
      headers = Map.copyOf(headers);
    }
  }

  /**
   * It has one that does not count, or several.
   *
   * @param at where it stands, so that no log tells it; empty for several
   */
  record Bad(TokenFault fault, Optional<TokenPlace> at) implements Answer {}

  /**
   * Keys would have to be waited for, and as many wait as may.
   *
   * @param most on the event loop
   */
  record Full(int most) implements Answer {}

  /** Keys are being fetched; the future completes on the loop that asked, and never fails. */
  record Waits(Future<Answer> settled) implements Answer {}
}
