package dev.weft.routing.stage.edge;

import dev.weft.config.model.settings.edge.BasicAuth;
import dev.weft.routing.stage.edge.password.Passwords;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a gateway keeps over changes of configuration: whose passwords it knows, as long as the
 * users stay exactly those. One thread at a time compiles.
 */
public final class EdgeMemory {

  private static final int LINE = 64; // passwords that wait to be looked at
  private static final int MOST_THREADS = 4;
  private static final int IDLE_SECONDS = 30;
  private static final int SECRET_BYTES = 32;

  private final Map<BasicAuth, Passwords> passwords = new HashMap<>();
  private final Set<BasicAuth> used = new HashSet<>();
  private Optional<Means> means = Optional.empty(); // most processes never ask for a password

  /**
   * What finds passwords out.
   *
   * @param secret of this process
   */
  private record Means(Executor threads, SecretKeySpec secret) {

    static Means made() {
      byte[] secret = new byte[SECRET_BYTES];
      new SecureRandom().nextBytes(secret);
      return new Means(pool(), new SecretKeySpec(secret, Passwords.MAC));
    }
  }

  /** They end when nothing is asked, so that nobody has to stop them. */
  private static Executor pool() {
    int count = Math.max(1, Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors() / 2));
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(LINE),
            work -> {
              Thread thread = new Thread(work, "weft-passwords");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  Passwords of(BasicAuth basic) {
    used.add(basic);
    Means with = means.orElseGet(Means::made);
    means = Optional.of(with);
    return passwords.computeIfAbsent(
        basic, users -> new Passwords(users, with.threads, with.secret));
  }

  /** Forgets what was not asked for since the last time. */
  public void retain() {
    passwords.keySet().retainAll(used);
    used.clear();
  }
}
