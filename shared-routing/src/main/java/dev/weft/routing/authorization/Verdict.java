package dev.weft.routing.authorization;

/**
 * Whether a request may go on, and who says so. Made when policies are compiled, not for a request.
 *
 * @param by for people: {@code denied by prod/admins rule 2}
 */
public record Verdict(boolean allowed, String by) {

  private static final String DENIED_BY = "denied by ";

  /** Nobody speaks of it. */
  static final Verdict OPEN = new Verdict(true, "allowed: no ALLOW policy holds here");

  /** Nobody could say how servers read its path. */
  static final Verdict UNREADABLE =
      new Verdict(false, "denied: its path can be read in more ways than are looked at");

  /** Who says so, without what: {@code prod/admins rule 2}. */
  String rule() {
    return by.startsWith(DENIED_BY) ? by.substring(DENIED_BY.length()) : by;
  }

  static Verdict allowedBy(String policy, int rule) {
    return new Verdict(true, "allowed by " + policy + " rule " + rule);
  }

  static Verdict deniedBy(String policy, int rule) {
    return new Verdict(false, DENIED_BY + policy + " rule " + rule);
  }
}
