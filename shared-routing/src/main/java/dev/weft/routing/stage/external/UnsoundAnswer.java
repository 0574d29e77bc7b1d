package dev.weft.routing.stage.external;

/**
 * An authorizer answered something that cannot be read. Nobody can say that it allowed anything, so
 * that it never does. Without a stack trace, since it is made under load.
 */
final class UnsoundAnswer extends RuntimeException {

  private static final long serialVersionUID = 1;

  UnsoundAnswer(String what) {
    super(what, null, false, false);
  }
}
