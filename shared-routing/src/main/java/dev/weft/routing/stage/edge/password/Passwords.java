package dev.weft.routing.stage.edge.password;

import dev.weft.config.model.settings.edge.BasicAuth;
import dev.weft.config.model.settings.edge.BasicAuth.User;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Finds out whether a user has a password, which takes long and so happens on threads of its own;
 * whom it knows already it knows at once. What it remembers of a user is a keyed hash of the
 * password that was right, one for each user, under a key of this process; nothing is remembered of
 * those that were wrong. Who asks the same at the same time waits for one look. A user that does
 * not exist takes as long as one that does.
 *
 * <p>Any event loop may ask; the answer comes on the loop that asked.
 */
public final class Passwords {

  /** How what was right is remembered. */
  public static final String MAC = "HmacSHA256";

  private static final int MOST_AT_ONCE = 4; // of one address: one caller must not hold up all
  private static final int LONGEST = 72; // bytes that bcrypt reads: what is behind would not count

  private final Map<String, String> hashes = new HashMap<>();
  private final String decoy;
  private final List<PasswordHash> kinds;
  private final Executor threads;
  private final SecretKeySpec key;
  private final Map<String, byte[]> known = new ConcurrentHashMap<>();
  private final Map<String, Integer> asking = new ConcurrentHashMap<>(); // as many as wait at most
  private final Map<ByteBuffer, Promise<Verdict>> looking = new ConcurrentHashMap<>(); // likewise

  /** What was found out. */
  public enum Verdict {
    RIGHT,
    WRONG,
    /** Its address asks for too many at once. */
    TOO_MANY,
    /** All threads are taken, and so is the line before them. */
    BUSY
  }

  /**
   * @param threads that refuse what is too much
   * @param secret of this process, random
   */
  public Passwords(BasicAuth basic, Executor threads, SecretKeySpec secret) {
    this(basic, PasswordHash.KINDS, threads, secret);
  }

  Passwords(BasicAuth basic, List<PasswordHash> kinds, Executor threads, SecretKeySpec secret) {
    basic.users().forEach(user -> hashes.put(user.name(), user.hash()));
    this.decoy =
        basic.users().stream()
            .map(User::hash)
            .max(Comparator.comparing(Passwords::cost))
            .orElseThrow();
    this.kinds = List.copyOf(kinds);
    this.threads = threads;
    this.key = secret;
  }

  /** The kind and its cost stand in front; of bcrypt in two digits. */
  private static String cost(String hash) {
    int end = hash.indexOf('$', hash.indexOf('$', 1) + 1);
    return String.format("%20s", hash.substring(hash.indexOf('$', 1) + 1, end));
  }

  /**
   * @param address of who asks
   */
  public Future<Verdict> ask(Credentials shown, String address) {
    byte[] mac = mac(shown);
    byte[] right = known.get(shown.user());
    if (right != null && MessageDigest.isEqual(right, mac)) {
      return Future.succeededFuture(Verdict.RIGHT);
    }
    Promise<Verdict> found = Promise.promise();
    ByteBuffer same = ByteBuffer.wrap(mac);
    Promise<Verdict> first = looking.putIfAbsent(same, found);
    if (first != null) {
      return here(first.future());
    }
    if (asking.merge(address, 1, Integer::sum) > MOST_AT_ONCE) {
      end(same, address, found, Verdict.TOO_MANY);
    } else {
      try {
        threads.execute(() -> end(same, address, found, look(shown, mac)));
      } catch (RejectedExecutionException full) {
        end(same, address, found, Verdict.BUSY);
      }
    }
    return here(found.future());
  }

  private void end(ByteBuffer same, String address, Promise<Verdict> found, Verdict verdict) {
    looking.remove(same);
    asking.computeIfPresent(address, (any, count) -> count == 1 ? null : count - 1);
    found.complete(verdict);
  }

  /** On the event loop that asks, where one does. */
  private static Future<Verdict> here(Future<Verdict> found) {
    Context context = Vertx.currentContext();
    if (context == null || found.isComplete()) {
      return found;
    }
    Promise<Verdict> back = Promise.promise();
    found.onSuccess(verdict -> context.runOnContext(any -> back.complete(verdict)));
    return back.future();
  }

  private Verdict look(Credentials shown, byte[] mac) {
    byte[] password = shown.password().getBytes(StandardCharsets.UTF_8);
    String hash = hashes.getOrDefault(shown.user(), decoy);
    boolean there = hashes.containsKey(shown.user());
    boolean same = matches(password, hash); // of a decoy too, so that it takes as long
    if (!there || !same || password.length > LONGEST) {
      return Verdict.WRONG;
    }
    known.put(shown.user(), mac);
    return Verdict.RIGHT;
  }

  /** What nobody can read is wrong. */
  private boolean matches(byte[] password, String hash) {
    for (PasswordHash kind : kinds) {
      if (kind.knows(hash)) {
        try {
          return kind.matches(password, hash);
        } catch (RuntimeException unreadable) {
          return false;
        }
      }
    }
    return false;
  }

  private byte[] mac(Credentials shown) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(key);
      mac.update(shown.user().getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0); // in neither of them
      return mac.doFinal(shown.password().getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(MAC, e); // every JDK has it
    }
  }

  /** How many users are known. */
  int known() {
    return known.size();
  }

  /** How many passwords are looked at, or wait for it. */
  int waiting() {
    return Math.max(looking.size(), asking.size());
  }
}
