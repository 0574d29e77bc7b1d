package dev.weft.routing.cluster.balance;

/** Even bits from uneven ones. */
public final class Mixing {

  private Mixing() {}

  /**
   * Each bit of the result depends on every bit of {@code value}.
   *
   * <p>Source: Stafford's variant 13 of MurmurHash3's finalizer.
   */
  public static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  /** Other bits for each {@code number}. */
  public static long mix(long value, int number) {
    return mix(value + number * 0x9E3779B97F4A7C15L);
  }
}
