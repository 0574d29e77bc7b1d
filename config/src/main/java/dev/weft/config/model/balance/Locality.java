package dev.weft.config.model.balance;

/**
 * Where something stands, from the large to the small. A part that is not known is empty.
 *
 * <p>Source: Istio's {@code region/zone/subzone}.
 */
public record Locality(String region, String zone, String subzone) {

  /** Nobody said. */
  public static final Locality UNKNOWN = new Locality("", "", "");

  private static final String ANY = "*";
  private static final int PARTS = 3;

  /**
   * @param text {@code region}, {@code region/zone} or {@code region/zone/subzone}; what follows a
   *     third slash belongs to the subzone
   */
  public static Locality parse(String text) {
    String[] parts = text.split("/", PARTS);
    return new Locality(
        parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : "");
  }

  /** Whether anything is known. */
  public boolean known() {
    return !equals(UNKNOWN);
  }

  /** Whether it is within {@code area}, of which a part that is empty or {@code *} means any. */
  public boolean within(Locality area) {
    return part(region, area.region) && part(zone, area.zone) && part(subzone, area.subzone);
  }

  private static boolean part(String own, String wanted) {
    return wanted.isEmpty() || wanted.equals(ANY) || own.equals(wanted);
  }

  /** Whether something may be within both areas. */
  public boolean overlaps(Locality other) {
    return together(region, other.region)
        && together(zone, other.zone)
        && together(subzone, other.subzone);
  }

  private static boolean together(String one, String other) {
    return part(one, other) || part(other, one);
  }

  /** {@code region/zone/subzone} without what is not known at its end. */
  @Override
  public String toString() {
    String whole = region + "/" + zone + "/" + subzone;
    return whole.replaceAll("/+$", "");
  }
}
