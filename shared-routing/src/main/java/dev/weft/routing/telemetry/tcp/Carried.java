package dev.weft.routing.telemetry.tcp;

/**
 * Connections that are not HTTP, and their bytes. Values of different edges can be added up.
 *
 * @param opened that were carried on
 * @param closed of these
 * @param sent bytes on their way to callers
 * @param received bytes that callers sent
 */
public record Carried(long opened, long closed, long sent, long received) {

  /** No connection. */
  public static final Carried NONE = new Carried(0, 0, 0, 0);

  /** Of both together. */
  public Carried plus(Carried other) {
    return new Carried(
        opened + other.opened, closed + other.closed, sent + other.sent, received + other.received);
  }

  /** What came after {@code earlier}, which is not more. */
  public Carried minus(Carried earlier) {
    return new Carried(
        opened - earlier.opened,
        closed - earlier.closed,
        sent - earlier.sent,
        received - earlier.received);
  }

  /** Whether there is less of anything than there was. */
  public boolean anew(Carried earlier) {
    return opened < earlier.opened
        || closed < earlier.closed
        || sent < earlier.sent
        || received < earlier.received;
  }
}
