package dev.weft.control.issue;

import dev.weft.control.ca.AccountSubject;
import dev.weft.control.ca.JoinTokens;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.trust.TokenReviews;
import dev.weft.kubernetes.trust.TokenReviews.Account;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who vouches for a workload that joins or renews: the control plane itself, by a join token, or
 * the API server, by a token of a ServiceAccount. Any thread may enter.
 */
public final class Vouching {

  private static final Logger LOG = LoggerFactory.getLogger(Vouching.class);

  /** Questions under way: beyond them a joiner comes again, so that renewals find a worker. */
  private static final int MOST_REVIEWS = 8;

  private final Optional<JoinTokens> joins;
  private final Optional<TokenReviews> reviews;
  private final AtomicInteger asking = new AtomicInteger();

  /**
   * @param joins empty where join tokens are not taken
   * @param reviews empty where ServiceAccount tokens are not taken
   */
  public Vouching(Optional<JoinTokens> joins, Optional<TokenReviews> reviews) {
    if (joins.isEmpty() && reviews.isEmpty()) {
      throw new IllegalArgumentException("somebody has to vouch");
    }
    this.joins = joins;
    this.reviews = reviews;
  }

  /**
   * Who is behind a token.
   *
   * @param account empty for a join token
   */
  record Vouched(String namespace, String name, Optional<AccountSubject> account) {

    /**
     * @param workload {@code NAMESPACE/NAME}
     */
    static Vouched of(String workload) {
      String[] parts = workload.split("/", 2);
      return new Vouched(parts[0], parts[1], Optional.empty());
    }
  }

  /**
   * Whether a certificate renews nothing by itself: its account may be gone by now, which the API
   * server alone knows.
   */
  boolean asksForToken(X509Certificate leaf) {
    return reviews.isPresent() && (joins.isEmpty() || AccountSubject.of(leaf).isPresent());
  }

  /**
   * Whose the token is.
   *
   * @param key that is going to be certified
   * @return fails with {@link JoinTokens.Refused} or {@link TokenReviews.Refused} where nobody
   *     vouches, with {@link KubernetesFailure} where that cannot be told now
   */
  Future<Vouched> vouched(Vertx vertx, String token, PublicKey key) {
    if (joins.isPresent() && (reviews.isEmpty() || JoinTokens.isOne(token))) {
      return vertx.executeBlocking(() -> Vouched.of(joins.get().redeem(token, key)));
    }
    if (asking.incrementAndGet() > MOST_REVIEWS) {
      asking.decrementAndGet();
      return Future.failedFuture(new KubernetesFailure("many others join now; come again"));
    }
    return vertx
        .executeBlocking(() -> reviewed(token), false) // a slow answer delays nobody else's
        .onComplete(told -> asking.decrementAndGet());
  }

  private Vouched reviewed(String token) throws TokenReviews.Refused {
    Account account = reviews.orElseThrow().review(token);
    String name = account.namespace() + "/" + account.name();
    LOG.info(
        "the API server vouches for {}{}",
        name,
        account.pod().map(pod -> ", pod " + pod.name()).orElse(""));
    return new Vouched(
        account.namespace(), account.name(), Optional.of(new AccountSubject(account.pod())));
  }
}
