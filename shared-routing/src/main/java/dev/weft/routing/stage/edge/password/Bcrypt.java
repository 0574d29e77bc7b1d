package dev.weft.routing.stage.edge.password;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Bcrypt, as {@code htpasswd -B} and most languages write it: {@code $2b$COST$} and 53 characters,
 * 22 of the salt and 31 of the hash. The JDK has none.
 *
 * <p>Source: Provos and Mazières, "A Future-Adaptable Password Scheme", 1999; OpenBSD's {@code
 * bcrypt.c} for the alphabet and the zero behind the password.
 */
final class Bcrypt implements PasswordHash {

  private static final String ALPHABET =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final byte[] MAGIC =
      "OrpheanBeholderScryDoubt".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST = 72; // bytes that count, the zero among them
  private static final int SALT = 16;
  private static final int TURNS = 64;
  private static final int SALT_AT = 7; // behind $2b$12$
  private static final int HASH_AT = SALT_AT + 22;
  private static final int HASH = 23; // of the 24 bytes that are made

  @Override
  public boolean knows(String hash) {
    return hash.startsWith("$2a$") || hash.startsWith("$2b$") || hash.startsWith("$2y$");
  }

  @Override
  public boolean matches(byte[] password, String hash) {
    int cost = Integer.parseInt(hash.substring(4, 6));
    byte[] salt = decoded(hash.substring(SALT_AT, HASH_AT), SALT);
    byte[] wanted = decoded(hash.substring(HASH_AT), HASH);
    return MessageDigest.isEqual(hashed(password, salt, cost), wanted);
  }

  private static byte[] hashed(byte[] password, byte[] salt, int cost) {
    byte[] key = new byte[Math.min(password.length + 1, LONGEST)];
    System.arraycopy(password, 0, key, 0, Math.min(password.length, LONGEST));
    Blowfish cipher = new Blowfish();
    cipher.expand(key, salt);
    for (long i = 1L << cost; i > 0; i--) {
      cipher.expand(key);
      cipher.expand(salt);
    }
    ByteBuffer text = ByteBuffer.wrap(MAGIC.clone());
    for (int at = 0; at < MAGIC.length; at += Long.BYTES) {
      long block = text.getLong(at);
      for (int i = 0; i < TURNS; i++) {
        block = cipher.encrypt(block);
      }
      text.putLong(at, block);
    }
    return ByteBuffer.allocate(HASH).put(text.array(), 0, HASH).array();
  }

  /** Of the alphabet's own order; bits behind the last byte are left out. */
  private static byte[] decoded(String text, int length) {
    byte[] bytes = new byte[length];
    int bits = 0;
    int count = 0;
    int at = 0;
    for (int i = 0; i < text.length() && at < length; i++) {
      int digit = ALPHABET.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new IllegalArgumentException("a character that is not of bcrypt");
      }
      bits = (bits << 6) | digit;
      count += 6;
      if (count >= Byte.SIZE) {
        count -= Byte.SIZE;
        bytes[at++] = (byte) (bits >>> count);
      }
    }
    return bytes;
  }
}
