package dev.weft.routing.exchange.body;

import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the messages of one direction of a gRPC call while its body passes in pieces that may be
 * cut anywhere. Each message is five bytes, of which the last four say how many of its own follow
 * (up to 2^32-1): only those five are looked at, and nothing is kept or allocated.
 *
 * <p>A message counts with its first byte, whether or not the rest of it comes. On the body's event
 * loop only.
 *
 * <p>Source: "gRPC over HTTP2" of the gRPC project's protocol documents, {@code
 * Length-Prefixed-Message}; Envoy's {@code grpc_stats} filter, which counts so too.
 */
public final class GrpcMessages implements Consumer<Buffer> {

  private static final String TYPE = "application/grpc";
  private static final int HEAD = 5; // a flag, and the length

  private long count;
  private int head; // bytes of a message's head that came; 0 between messages and within one
  private int length; // of the message, as far as its head came
  private long left; // bytes of the message that are to come

  /**
   * Whether a body of that {@code content-type} is messages of gRPC; of gRPC-Web it is not, whose
   * trailers are a frame too and whose text is base64.
   */
  public static boolean in(@Nullable String contentType) {
    return contentType != null
        && contentType.startsWith(TYPE)
        && (contentType.length() == TYPE.length()
            || "+;".indexOf(contentType.charAt(TYPE.length())) >= 0);
  }

  @Override
  public void accept(Buffer piece) {
    int at = 0;
    int end = piece.length();
    while (at < end) {
      if (left > 0) {
        int passed = (int) Math.min(left, end - at);
        left -= passed;
        at += passed;
      } else {
        head(piece.getUnsignedByte(at));
        at++;
      }
    }
  }

  private void head(short octet) {
    if (head == 0) {
      count++;
      length = 0;
      head = 1;
      return;
    }
    length = (length << Byte.SIZE) | octet;
    head++;
    if (head == HEAD) {
      head = 0;
      left = Integer.toUnsignedLong(length);
    }
  }

  /** Messages so far. */
  public long count() {
    return count;
  }
}
