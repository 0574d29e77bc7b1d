package dev.weft.routing.stage.edge.password;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bcrypt, as {@code htpasswd -B} and most languages write it: {@code $2b$COST$} and 53 characters,
 * 22 of the salt and 31 of the hash. The JDK has none.
 *
 * <p>Source: Provos and Mazières, "A Future-Adaptable Password Scheme", 1999; OpenBSD's {@code
 * bcrypt.c} for the zero behind the password, which is there where all fits into 72 bytes.
 */
final class Bcrypt implements PasswordHash {

  private static final int LONGEST = 72; // bytes that count, the zero among them
  private static final BCrypt.Verifyer VERIFIER =
      BCrypt.verifyer(BCrypt.Version.VERSION_2Y_NO_NULL_TERMINATOR, LongPasswordStrategies.none());

  @Override
  public boolean knows(String hash) {
    return hash.startsWith("$2a$") || hash.startsWith("$2b$") || hash.startsWith("$2y$");
  }

  @Override
  public boolean matches(byte[] password, String hash) {
    byte[] key = Arrays.copyOf(password, Math.min(password.length + 1, LONGEST));
    return VERIFIER.verify(key, hash.getBytes(StandardCharsets.US_ASCII)).verified;
  }
}
