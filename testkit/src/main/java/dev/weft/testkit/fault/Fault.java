package dev.weft.testkit.fault;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server does with one request. Immutable; the same for HTTP/1.1 and HTTP/2.
 *
 * @param name for a test's name
 * @param early whether it begins at the request's head; otherwise at its end
 */
public record Fault(String name, boolean early, List<Step> steps) {

  /** Bytes of a whole answer's body. */
  public static final int LENGTH = 64;

  private static final long INTERNAL_ERROR = 2; // RFC 9113 section 7
  private static final long REFUSED_STREAM = 7;
  private static final Step END = Wire::end;

  public Fault {
    steps = List.copyOf(steps);
  }

  private static Fault of(String name, Step... steps) {
    return new Fault(name, false, List.of(steps));
  }

  private static Step length(int status, int length) {
    return Step.head(status, "content-length", Integer.toString(length));
  }

  /** 200 and {@link #LENGTH} bytes. */
  public static Fault none() {
    return status(200);
  }

  /** An answer of that status, at once. */
  public static Fault status(int status) {
    return of("status " + status, Step.whole(status, LENGTH));
  }

  /** An answer of that status, after a time. */
  public static Fault slow(int status, Duration time) {
    return of("slow status " + status, Step.wait(time), Step.whole(status, LENGTH));
  }

  /** A whole answer, and the connection closes without having said so. */
  public static Fault closeAfter() {
    return of("close after the answer", length(200, LENGTH), Step.body(LENGTH), END, Wire::close);
  }

  /** The request is read and a reset is the answer. */
  public static Fault reset() {
    return of("reset before bytes", wire -> wire.reset(INTERNAL_ERROR));
  }

  /** A reset at the request's head, its body unread. */
  public static Fault resetAtHead() {
    return new Fault("reset at the head", true, List.of(wire -> wire.reset(INTERNAL_ERROR)));
  }

  /** The connection closes where an answer was due. */
  public static Fault close() {
    return of("close before bytes", Wire::close);
  }

  /** Head, half a body, reset. */
  public static Fault resetAfterBytes() {
    return of(
        "reset after bytes",
        length(200, LENGTH),
        Step.body(LENGTH / 2),
        Step.wait(Duration.ofMillis(5)),
        wire -> wire.reset(INTERNAL_ERROR));
  }

  /** Nothing, ever. */
  public static Fault hang() {
    return of("hang");
  }

  /** A head, and then nothing, ever. */
  public static Fault hangAfterHead() {
    return of("hang after the head", length(200, LENGTH));
  }

  /** A head without a length, a first piece, and then nothing, ever. */
  public static Fault hangAmidBody() {
    return of("hang amid the body", Step.head(200), Step.body(LENGTH / 2));
  }

  /** A whole answer, a byte at a time. */
  public static Fault drip(Duration pause) {
    List<Step> steps = new ArrayList<>(List.of(length(200, LENGTH)));
    for (int i = 0; i < LENGTH; i++) {
      steps.add(Step.body(1));
      steps.add(Step.wait(pause));
    }
    steps.add(END);
    return new Fault("slow drip", false, steps);
  }

  /** What is no HTTP. */
  public static Fault garbage() {
    byte[] bytes = "\0\1\2SSH-2.0-nothing\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    return of("garbage", wire -> wire.raw(bytes), Wire::close);
  }

  /** Half of the announced body, and the connection closes. */
  public static Fault truncated() {
    return of("truncated body", length(200, LENGTH), Step.body(LENGTH / 2), Wire::close);
  }

  /** Chunks without the last one, and the connection closes. */
  public static Fault truncatedChunks() {
    return of("truncated chunks", Step.head(200), Step.body(LENGTH / 2), Wire::close);
  }

  /** More than was announced. */
  public static Fault tooLong() {
    return of("more than its length", length(200, LENGTH), Step.body(LENGTH + 7), END);
  }

  /** A clean end before all that was announced: HTTP/1.1 can only close. */
  public static Fault tooShort() {
    return of("less than its length", length(200, LENGTH), Step.body(LENGTH / 2), END, Wire::close);
  }

  /** A length that is none. */
  public static Fault noLength() {
    return of(
        "a length that is none",
        Step.head(200, "content-length", "12, 13"),
        Step.body(12),
        END,
        Wire::close);
  }

  /** HTTP/2: the stream is refused (RFC 9113 section 8.7); HTTP/1.1: reset at the head. */
  public static Fault refusedStream() {
    return new Fault("refused stream", true, List.of(wire -> wire.reset(REFUSED_STREAM)));
  }

  /** HTTP/2: GOAWAY that leaves the request out; HTTP/1.1: closed at the head. */
  public static Fault goAway() {
    return new Fault("go away", true, List.of(Wire::leave));
  }

  /** Whether a caller can know that the request was not processed. */
  public boolean refuses() {
    return name.equals("refused stream") || name.equals("go away");
  }

  @Override
  public String toString() {
    return name;
  }
}
