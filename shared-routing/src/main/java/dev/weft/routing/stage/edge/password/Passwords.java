package dev.weft.routing.stage.edge.password;

import dev.weft.config.model.security.IpBlock;
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
 * those that were wrong. Who asks the same at the same time waits for one look, and where all who
 * asked have left there is none. A user that does not exist takes as long as one that does.
 *
 * <p>Any event loop may ask; the answer comes on the loop that asked.
 */
public final class Passwords {

  /** How what was right is remembered. */
  public static final String MAC = "HmacSHA256";

  private static final int MOST_AT_ONCE = 4; // of one network: one caller must not hold up all
  private static final int LONGEST = 72; // bytes that bcrypt reads: what is behind would not count

  private final Map<String, String> hashes = new HashMap<>();
  private final String decoy;
  private final List<PasswordHash> kinds;
  private final Executor threads;
  private final SecretKeySpec key;
  private final Map<String, byte[]> known = new ConcurrentHashMap<>();
  private final Map<String, Integer> asking = new ConcurrentHashMap<>(); // as many as wait at most
  private final Map<ByteBuffer, Look> looking = new ConcurrentHashMap<>(); // likewise

  /**
   * What somebody asked.
   *
   * @param verdict on the loop that asked
   * @param leave says, once at most, that he does not wait for it any more
   */
  public record Inquiry(Future<Verdict> verdict, Runnable leave) {}

  /** One look, and how many wait for it: entered by what holds the map's entry only. */
  private static final class Look {
    private final Promise<Verdict> found = Promise.promise();
    private int askers = 1;

    Look joined() {
      askers++;
      return this;
    }

    boolean left() {
      askers--;
      return askers == 0;
    }
  }

  /** What was found out. */
  public enum Verdict {
    RIGHT,
    WRONG,
    /** Its network asks for too many at once. */
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
  public Inquiry ask(Credentials shown, String address) {
    byte[] mac = mac(shown);
    byte[] right = known.get(shown.user());
    if (right != null && MessageDigest.isEqual(right, mac)) {
      return new Inquiry(Future.succeededFuture(Verdict.RIGHT), () -> {});
    }
    ByteBuffer same = ByteBuffer.wrap(mac);
    Look own = new Look();
    Look look = looking.compute(same, (any, there) -> there == null ? own : there.joined());
    if (look == own) {
      begin(same, own, network(address), shown, mac);
    }
    return new Inquiry(here(look.found.future()), () -> leave(same, look));
  }

  private void begin(ByteBuffer same, Look look, String network, Credentials shown, byte[] mac) {
    if (asking.merge(network, 1, Integer::sum) > MOST_AT_ONCE) {
      end(same, look, network, Verdict.TOO_MANY);
      return;
    }
    try {
      threads.execute(
          () -> {
            boolean wanted = looking.get(same) == look;
            end(same, look, network, wanted ? look(shown, mac) : Verdict.BUSY);
          });
    } catch (RejectedExecutionException full) {
      end(same, look, network, Verdict.BUSY);
    }
  }

  private void leave(ByteBuffer same, Look look) {
    looking.computeIfPresent(same, (any, there) -> there == look && there.left() ? null : there);
  }

  /** Its place counts until its turn has come, also where all have left: the line holds it. */
  private void end(ByteBuffer same, Look look, String network, Verdict verdict) {
    looking.remove(same, look);
    asking.computeIfPresent(network, (any, count) -> count == 1 ? null : count - 1);
    look.found.complete(verdict);
  }

  /** Of IPv6 the first half, since one caller has at least as many addresses as the other has. */
  private static String network(String address) {
    return IpBlock.parse(address)
        .filter(block -> !block.four())
        .map(block -> Long.toHexString(block.firstHigh()) + "::/64")
        .orElse(address);
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
