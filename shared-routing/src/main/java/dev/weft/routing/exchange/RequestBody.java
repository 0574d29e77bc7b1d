package dev.weft.routing.exchange;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A request's body on its way to one attempt after the other. Its beginning is kept, up to a limit,
 * so that a further attempt can have it again; past the limit only the attempt that took it can go
 * on.
 */
public interface RequestBody {

  /** Whether there is no body at all, so that the head ends the request. */
  boolean empty();

  /** The length that the caller announced; empty for chunked and for HTTP/2 without a length. */
  OptionalLong length();

  /** Bytes that came from the caller so far. */
  long received();

  /** Whether its next bytes are for the caller to send, and nobody holds them up. */
  boolean awaited();

  /**
   * Has {@code beyond} run once more than {@code most} bytes came, and takes no more of it then; to
   * be said before it is first asked for.
   */
  void limit(long most, Runnable beyond);

  /**
   * Shows each piece to {@code watcher} as it comes, once, however many attempts get it; to be said
   * before it is first asked for. The watcher neither keeps nor changes it.
   */
  void watch(Consumer<Buffer> watcher);

  /** Whether a further attempt could still be given all of it. */
  boolean replayable();

  /** Whether no byte of it was given to any attempt yet. */
  boolean untouched();

  /**
   * Gives all of it to {@code sink}, with back-pressure, from its first byte, and ends the sink.
   * One attempt at a time: a later call takes the body away from an earlier one. Refuses when it is
   * not {@link #replayable()} any more.
   *
   * @return done when the sink was ended; fails when the caller went away or the sink failed
   */
  Future<Void> sendTo(WriteStream<Buffer> sink);

  /**
   * The beginning of it, kept whatever the limit, so that the first attempt has all of it. To be
   * asked for once, before any attempt; no more is taken of the caller until one begins.
   *
   * @param most bytes, from 1
   * @return as soon as it ended or more than {@code most} came; fails where the caller went away
   */
  Future<Beginning> beginning(int most);

  /**
   * What came of a body so far.
   *
   * @param bytes of it, up to one piece more than were asked for
   * @param whole whether that is all
   */
  record Beginning(Buffer bytes, boolean whole) {}

  /**
   * The whole of it, for a mirror, as soon as it passed; fails when it is longer than the limit.
   */
  Future<Buffer> captured();

  /** No further attempt is made: nothing is kept for one any longer. */
  void forget();

  /**
   * Takes and forgets what is left, so that the caller's connection can be used again; what is long
   * is cut off instead.
   */
  void discard();
}
