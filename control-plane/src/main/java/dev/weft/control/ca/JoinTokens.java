package dev.weft.control.ca;

import dev.weft.routing.clock.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Tokens by which workloads join where there is no Kubernetes: each for one service account, once,
 * for a while. A token is {@code weft1.ID.SECRET.ROOT}: the last part is the root's SHA-256, so
 * that the joiner knows whom to trust. On disk is a hash of the secret only, a file for each token;
 * whoever deletes the file has used the token, so that it counts across processes too.
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
  private static final int ID_BYTES = 12;
  private static final int SECRET_BYTES = 32;
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private final Path folder;
  private final Ticker ticker;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param authority the folder of the certificate authority
   */
  public JoinTokens(Path authority, Ticker ticker) throws IOException {
    this.folder = authority.resolve("tokens");
    this.ticker = ticker;
    PrivateFiles.folder(folder);
  }

  /**
   * A new token.
   *
   * @param account {@code namespace/name}
   * @param root fingerprint of the mesh's root
   */
  public String create(String account, Duration life, String root) throws IOException {
    String id = word(ID_BYTES);
    String secret = word(SECRET_BYTES);
    long until = ticker.epochMillis() + life.toMillis();
    PrivateFiles.write(folder.resolve(id), hash(secret) + "\n" + until + "\n" + account + "\n");
    return String.join(".", VERSION, id, secret, root);
  }

  private String word(int bytes) {
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    return ENCODER.encodeToString(value);
  }

  private static String hash(String secret) {
    try {
      byte[] bytes = secret.getBytes(StandardCharsets.US_ASCII);
      return ENCODER.encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Uses a token up.
   *
   * @return the account that it is bound to, {@code namespace/name}
   * @throws Refused with a sentence
   */
  public String redeem(String token) throws Refused, IOException {
    String[] parts = token.strip().split("\\.", -1);
    boolean formed =
        parts.length == 4 && parts[0].equals(VERSION) && WORD.matcher(parts[1]).matches();
    if (!formed) {
      throw new Refused("this is no join token (./weft token makes one)");
    }
    Path file = folder.resolve(parts[1]);
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new Refused("the join token is not known or was used already");
    }
    byte[] expected = lines.get(0).getBytes(StandardCharsets.US_ASCII);
    byte[] given = hash(parts[2]).getBytes(StandardCharsets.US_ASCII);
    if (!MessageDigest.isEqual(expected, given)) {
      throw new Refused("the join token is not known or was used already");
    }
    try {
      Files.delete(file);
    } catch (NoSuchFileException e) {
      throw new Refused("the join token is not known or was used already");
    }
    if (ticker.epochMillis() > Long.parseLong(lines.get(1))) {
      throw new Refused("the join token has expired");
    }
    return lines.get(2);
  }
}
