package dev.weft.routing.admin.dashboard;

import dev.weft.routing.telemetry.Histogram;
import dev.weft.routing.telemetry.tcp.Carried;
import java.util.Arrays;

/**
 * Numbers of one step of the window, each as few bytes as it needs: seven bits a byte, the lowest
 * first. An edge over which a hundred requests went takes about fifteen bytes, one over which none
 * went takes nothing.
 *
 * <p>Not for several threads at once.
 */
final class PackedStep {

  private static final int FIRST = 64;

  private byte[] bytes;
  private int at;

  /** To write. */
  PackedStep() {
    this.bytes = new byte[FIRST];
  }

  /** To read what {@link #packed} gave. */
  PackedStep(byte[] packed) {
    this.bytes = packed;
  }

  /** Whether all was read. */
  boolean ended() {
    return at == bytes.length;
  }

  /** Adds a number from 0. */
  void put(long number) {
    long left = number;
    while (left > 0x7f) {
      append((byte) (left | 0x80));
      left >>>= 7;
    }
    append((byte) left);
  }

  void put(Golden golden) {
    long[] counts = golden.millis().counts();
    put(golden.failed());
    put(golden.refused());
    put((long) golden.millis().sum());
    Carried carried = golden.carried();
    boolean also = !carried.equals(Carried.NONE);
    long buckets = Arrays.stream(counts).filter(count -> count > 0).count();
    put(2 * buckets + (also ? 1 : 0));
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        put(i);
        put(counts[i]);
      }
    }
    if (also) {
      put(carried.opened());
      put(carried.closed());
      put(carried.sent());
      put(carried.received());
    }
  }

  long number() {
    long number = 0;
    int shift = 0;
    byte next;
    do {
      next = bytes[at];
      at++;
      number |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    return number;
  }

  Golden golden() {
    long failed = number();
    long refused = number();
    double sum = number();
    long[] counts = new long[Histogram.BUCKETS];
    long told = number();
    for (long left = told / 2; left > 0; left--) {
      int bucket = (int) number();
      counts[bucket] = number();
    }
    Carried carried =
        told % 2 == 0 ? Carried.NONE : new Carried(number(), number(), number(), number());
    return new Golden(failed, refused, Histogram.of(counts, sum), carried);
  }

  byte[] packed() {
    return Arrays.copyOf(bytes, at);
  }

  private void append(byte next) {
    if (at == bytes.length) {
      bytes = Arrays.copyOf(bytes, at * 2);
    }
    bytes[at] = next;
    at++;
  }
}
