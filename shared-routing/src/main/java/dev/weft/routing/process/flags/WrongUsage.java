package dev.weft.routing.process.flags;

/** A command line that can never be meant, in words that a user reads; the process exits with 2. */
public final class WrongUsage extends RuntimeException {

  private static final long serialVersionUID = 1;

  public WrongUsage(String message) {
    super(message);
  }
}
