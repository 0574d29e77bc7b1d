package dev.weft.control.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;

/**
 * A token in a file that nobody else may read. What is kept of it is its SHA-256, so that it is
 * compared in constant time whatever its length, and stands in no dump of the memory. Immutable;
 * reading blocks.
 */
final class TokenFile {

  private static final int SHORTEST = 32;
  private static final int LONGEST = 4096;

  private final String name;
  private final byte[] hash;

  private TokenFile(String name, byte[] hash) {
    this.name = name;
    this.hash = hash;
  }

  /** Whose it is. */
  String name() {
    return name;
  }

  /**
   * @throws IOException with a sentence, where it cannot be read, others can read it, or what it
   *     holds could be guessed
   */
  static TokenFile read(AccessSettings.Named told) throws IOException {
    Path file = told.file();
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (mode.contains(PosixFilePermission.OTHERS_READ)
        || mode.contains(PosixFilePermission.OTHERS_WRITE)
        || mode.contains(PosixFilePermission.GROUP_WRITE)) {
      throw new IOException(file + " is open to others (expected: mode 0600, or 0440 in a pod)");
    }
    if (Files.size(file) > LONGEST) {
      throw new IOException(file + " is longer than " + LONGEST + " bytes");
    }
    String token = Files.readString(file).strip();
    if (token.length() < SHORTEST) {
      throw new IOException(
          file
              + " has "
              + token.length()
              + " characters (expected: "
              + SHORTEST
              + " or more, e.g. of openssl rand -hex 32)");
    }
    return new TokenFile(told.name(), hash(token));
  }

  /** Whether {@code told} is it; takes as long whether it is or not. */
  boolean is(String told) {
    return MessageDigest.isEqual(hash, hash(told));
  }

  /** Whether it is the same as another, of the same name. */
  boolean same(TokenFile other) {
    return name.equals(other.name) && MessageDigest.isEqual(hash, other.hash);
  }

  private static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
