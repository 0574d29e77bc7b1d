package dev.weft.control.ca;

import dev.weft.routing.clock.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tokens by which workloads join where there is no Kubernetes: each for one service account, once,
 * for a while. A token is {@code weft1.ID.SECRET.ROOT}: the last part is the root's SHA-256, so
 * that the joiner knows whom to trust. On disk is a hash of the secret only, a file for each token,
 * and, once it is used, for whose key: that key alone may ask again for five minutes, since the
 * first answer can be lost. All is done under the authority's lock, so that it counts across
 * processes too.
 */
public final class JoinTokens {

  /** Why a token was refused. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  private static final String VERSION = "weft1";
  private static final String UNKNOWN = "the join token is not known or was used already";
  private static final Duration AGAIN = Duration.ofMinutes(5);
  private static final int ID_BYTES = 12;
  private static final int SECRET_BYTES = 32;
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private final Path authority;
  private final Path folder;
  private final Ticker ticker;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param authority the folder of the certificate authority
   */
  public JoinTokens(Path authority, Ticker ticker) throws IOException {
    this.authority = authority;
    this.folder = authority.resolve("tokens");
    this.ticker = ticker;
    PrivateFiles.folder(folder);
  }

  /**
   * A new token. Files of those that have ended are removed by the way.
   *
   * @param account {@code namespace/name}
   * @param root fingerprint of the mesh's root
   */
  public String create(String account, Duration life, String root) throws IOException {
    String id = word(ID_BYTES);
    String secret = word(SECRET_BYTES);
    long until = ticker.epochMillis() + life.toMillis();
    Kept fresh = new Kept(hash(secret), until, account, Optional.empty());
    return FolderLock.holding(
        authority,
        () -> {
          sweep();
          PrivateFiles.write(folder.resolve(id), fresh.text());
          return String.join(".", VERSION, id, secret, root);
        });
  }

  private String word(int bytes) {
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    return ENCODER.encodeToString(value);
  }

  private void sweep() throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path file : all) {
        if (Kept.of(Files.readAllLines(file)).filter(this::ended).isPresent()) {
          Files.delete(file);
        }
      }
    }
  }

  private static String hash(String secret) {
    return hash(secret.getBytes(StandardCharsets.US_ASCII));
  }

  private static String hash(byte[] bytes) {
    try {
      return ENCODER.encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Whether somebody means this as a join token, good or not. */
  public static boolean isOne(String token) {
    return token.strip().startsWith(VERSION + ".");
  }

  /**
   * Uses a token up for a key; again for the same key within five minutes, while the token lasts.
   *
   * @param key that is going to be certified
   * @return the account that the token is bound to, {@code namespace/name}
   * @throws Refused with a sentence
   */
  public String redeem(String token, PublicKey key) throws Refused, IOException {
    String[] parts = token.strip().split("\\.", -1);
    boolean formed =
        parts.length == 4 && parts[0].equals(VERSION) && WORD.matcher(parts[1]).matches();
    if (!formed) {
      throw new Refused("this is no join token (./weft token makes one)");
    }
    Path file = folder.resolve(parts[1]);
    String user = hash(key.getEncoded());
    return FolderLock.holding(authority, () -> redeem(file, hash(parts[2]), user));
  }

  private String redeem(Path file, String secret, String user) throws Refused, IOException {
    Kept kept = kept(file).orElseThrow(() -> new Refused(UNKNOWN));
    byte[] expected = kept.secret.getBytes(StandardCharsets.US_ASCII);
    if (!MessageDigest.isEqual(expected, secret.getBytes(StandardCharsets.US_ASCII))) {
      throw new Refused(UNKNOWN);
    }
    if (ended(kept)) {
      Files.delete(file);
      throw new Refused(kept.use.isPresent() ? UNKNOWN : "the join token has expired");
    }
    if (kept.use.isEmpty()) {
      PrivateFiles.write(file, kept.used(user, ticker.epochMillis()).text());
    } else if (!kept.use.get().key.equals(user)) {
      throw new Refused(UNKNOWN);
    }
    return kept.account;
  }

  private static Optional<Kept> kept(Path file) throws IOException {
    try {
      return Kept.of(Files.readAllLines(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private boolean ended(Kept kept) {
    long now = ticker.epochMillis();
    return now > kept.until
        || kept.use.filter(use -> now - use.atMillis > AGAIN.toMillis()).isPresent();
  }

  /** By which key a token was used, and when. */
  private record Use(String key, long atMillis) {}

  /**
   * A token's file.
   *
   * @param until epoch milliseconds
   */
  private record Kept(String secret, long until, String account, Optional<Use> use) {

    /** Empty where the lines are none. */
    static Optional<Kept> of(List<String> lines) {
      try {
        return switch (lines.size()) {
          case 3 -> Optional.of(kept(lines, Optional.empty()));
          case 5 ->
              Optional.of(
                  kept(lines, Optional.of(new Use(lines.get(3), Long.parseLong(lines.get(4))))));
          default -> Optional.empty();
        };
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }

    private static Kept kept(List<String> lines, Optional<Use> use) {
      return new Kept(lines.get(0), Long.parseLong(lines.get(1)), lines.get(2), use);
    }

    Kept used(String key, long now) {
      return new Kept(secret, until, account, Optional.of(new Use(key, now)));
    }

    String text() {
      String last = use.map(by -> by.key + "\n" + by.atMillis + "\n").orElse("");
      return secret + "\n" + until + "\n" + account + "\n" + last;
    }
  }
}
