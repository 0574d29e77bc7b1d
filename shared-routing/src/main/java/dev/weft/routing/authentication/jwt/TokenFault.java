package dev.weft.routing.authentication.jwt;

/** Why a token does not count: told to its bearer, and to the log. */
public enum TokenFault {
  SEVERAL("several tokens"),
  TOO_LONG("longer than 16384 characters"),
  MALFORMED("no signed token"),
  EXTENSION("demands an extension that is not known"),
  ALGORITHM("an algorithm that is not taken"),
  CLAIMS("claims of a wrong type"),
  UNKNOWN_ISSUER("of an issuer that does not count here"),
  AUDIENCE("for another audience"),
  EXPIRED("expired"),
  NOT_YET("not valid yet"),
  NO_KEYS("the keys of its issuer are not to be had"),
  UNKNOWN_KEY("signed by no key of its issuer"),
  SIGNATURE("a wrong signature");

  private final String text;

  TokenFault(String text) {
    this.text = text;
  }

  /** For people; nothing of what the token says. */
  public String text() {
    return "token: " + text;
  }

  /** Whether other keys than those known may make it count. */
  public boolean byKeys() {
    return this == NO_KEYS || this == UNKNOWN_KEY || this == SIGNATURE;
  }
}
