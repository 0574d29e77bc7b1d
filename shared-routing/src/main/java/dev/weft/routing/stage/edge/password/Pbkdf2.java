package dev.weft.routing.stage.edge.password;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * PBKDF2 with HMAC-SHA256, as {@code $pbkdf2-sha256$ROUNDS$SALT$HASH}, both in base64 with a dot in
 * place of the plus sign and without padding.
 *
 * <p>Source: RFC 8018 section 5.2; the form is that of Python's passlib.
 */
final class Pbkdf2 implements PasswordHash {

  private static final String PREFIX = "$pbkdf2-sha256$";
  private static final Pattern DOLLAR = Pattern.compile("\\$");

  @Override
  public boolean knows(String hash) {
    return hash.startsWith(PREFIX);
  }

  @Override
  public boolean matches(byte[] password, String hash) {
    List<String> parts = DOLLAR.splitAsStream(hash.substring(PREFIX.length())).toList();
    byte[] salt = bytes(parts.get(1));
    byte[] wanted = bytes(parts.get(2));
    char[] text = new String(password, StandardCharsets.UTF_8).toCharArray();
    PBEKeySpec spec =
        new PBEKeySpec(text, salt, Integer.parseInt(parts.get(0)), wanted.length * Byte.SIZE);
    try {
      byte[] found =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
      return MessageDigest.isEqual(found, wanted);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("PBKDF2WithHmacSHA256", e); // every JDK has it
    } finally {
      spec.clearPassword();
    }
  }

  private static byte[] bytes(String text) {
    return Base64.getDecoder().decode(text.replace('.', '+'));
  }
}
