package dev.weft.routing.identity;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a workload: {@code spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT}.
 *
 * <p>Source: the SPIFFE-ID specification, section 2 (trust domain, path characters, 2048 bytes), in
 * the form that Istio gives to paths.
 */
public record SpiffeId(String trustDomain, String namespace, String serviceAccount) {

  private static final int LONGEST = 2048;
  private static final Pattern FORM =
      Pattern.compile(
          "spiffe://([a-z0-9._-]{1,255})/ns/([A-Za-z0-9._-]{1,253})/sa/([A-Za-z0-9._-]{1,253})");

  /** Empty where {@code text} is no well-formed id. */
  public static Optional<SpiffeId> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (text.length() > LONGEST || !form.matches() || dots(form.group(2)) || dots(form.group(3))) {
      return Optional.empty();
    }
    return Optional.of(new SpiffeId(form.group(1), form.group(2), form.group(3)));
  }

  /** The specification forbids relative path segments. */
  private static boolean dots(String segment) {
    return segment.equals(".") || segment.equals("..");
  }

  /** The control plane of a mesh. */
  public static SpiffeId control(String trustDomain) {
    return new SpiffeId(trustDomain, "weft-system", "weft-control");
  }

  @Override
  public String toString() {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
  }
}
