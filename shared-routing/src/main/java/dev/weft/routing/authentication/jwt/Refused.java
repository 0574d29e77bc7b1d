package dev.weft.routing.authentication.jwt;

/** A token that does not count. Without a stack trace: anybody may send one. */
public final class Refused extends Exception {

  private static final long serialVersionUID = 1;

  private final TokenFault fault;

  public Refused(TokenFault fault) {
    super(fault.text(), null, false, false);
    this.fault = fault;
  }

  public TokenFault fault() {
    return fault;
  }
}
