package dev.weft.routing.stage.edge.password;

import java.util.List;

/**
 * One kind of hash of passwords. Any thread but an event loop: each look takes long, which is what
 * such a hash is for.
 */
interface PasswordHash {

  /** All kinds that a configuration may have. */
  List<PasswordHash> KINDS = List.of(new Bcrypt(), new Pbkdf2());

  /** Whether a hash is of this kind. */
  boolean knows(String hash);

  /**
   * Whether it is the password's hash.
   *
   * @param password in UTF-8
   * @param hash that {@link #knows} took
   */
  boolean matches(byte[] password, String hash);
}
