package dev.weft.control.inject;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount as Kubernetes writes it: {@code 100m}, {@code 0.5}, {@code 128Mi}.
 *
 * <p>Source: {@code k8s.io/apimachinery/pkg/api/resource}, without exponents.
 *
 * @param text as it was written
 */
record Quantity(String text, BigDecimal value) implements Comparable<Quantity> {

  private static final Pattern SYNTAX =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)(m|k|M|G|T|Ki|Mi|Gi|Ti|)");
  private static final Map<String, BigDecimal> FACTORS =
      Map.of(
          "", BigDecimal.ONE,
          "m", new BigDecimal("0.001"),
          "k", BigDecimal.valueOf(1_000L),
          "M", BigDecimal.valueOf(1_000_000L),
          "G", BigDecimal.valueOf(1_000_000_000L),
          "T", BigDecimal.valueOf(1_000_000_000_000L),
          "Ki", BigDecimal.valueOf(1L << 10),
          "Mi", BigDecimal.valueOf(1L << 20),
          "Gi", BigDecimal.valueOf(1L << 30),
          "Ti", BigDecimal.valueOf(1L << 40));

  /** Empty for what is no amount, or none above zero. */
  static Optional<Quantity> of(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    BigDecimal number = new BigDecimal(matcher.group(1));
    BigDecimal value = number.multiply(FACTORS.getOrDefault(matcher.group(2), BigDecimal.ONE));
    return value.signum() > 0 ? Optional.of(new Quantity(text, value)) : Optional.empty();
  }

  @Override
  public int compareTo(Quantity other) {
    return value.compareTo(other.value);
  }
}
