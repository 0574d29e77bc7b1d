package dev.weft.routing.telemetry.tag;

/** What is counted of one series: a count, or buckets and their sum. Immutable. */
public final class Numbers {

  private final double[] values;

  private Numbers(double[] values) {
    this.values = values;
  }

  /** Of these values. */
  public static Numbers of(double... values) {
    return new Numbers(values.clone());
  }

  /** How many there are. */
  public int size() {
    return values.length;
  }

  /** One of them, from 0. */
  public double at(int index) {
    return values[index];
  }
}
