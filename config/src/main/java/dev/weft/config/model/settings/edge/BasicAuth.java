package dev.weft.config.model.settings.edge;

import java.util.List;

/**
 * Users of whom a caller must prove to be one, by name and password.
 *
 * <p>Source: RFC 7617.
 *
 * @param realm told with each refusal
 * @param users none where nobody is asked
 * @param removeHeader whether the service does not see the password
 */
public record BasicAuth(String realm, List<User> users, boolean removeHeader) {

  /** Nobody is asked. */
  public static final BasicAuth OFF = new BasicAuth("", List.of(), true);

  public BasicAuth {
    users = List.copyOf(users);
  }

  /**
   * One of them.
   *
   * @param name without a colon, visible ASCII
   * @param hash of the password: bcrypt, or PBKDF2 as {@code $pbkdf2-sha256$ROUNDS$SALT$HASH}
   */
  public record User(String name, String hash) {
    @Override
    public String toString() {
      return "User[" + name + ", redacted]";
    }
  }
}
