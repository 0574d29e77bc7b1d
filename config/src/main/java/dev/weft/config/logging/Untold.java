package dev.weft.config.logging;

import dev.weft.config.logging.LineFormat.Field;
import dev.weft.config.logging.Operator.Takes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Operators that can have no value here. Envoy's filters leave data to each other, by namespaces
 * and keys; what no filter leaves is {@code -} there as well, so that a format may ask for it. What
 * Envoy's and Istio's own filters leave has a value there, and would only seem to be absent here:
 * it is refused.
 */
public final class Untold {

  private static final Pattern OWN =
      Pattern.compile(
          "(envoy|io\\.istio|istio|wasm)([._:].*)?|(upstream|downstream)_peer(_id)?(:.*)?");
  private static final Pattern KEY = Pattern.compile("[!#$&'*+.^_`|~0-9A-Za-z/:-]+");

  private Untold() {}

  /** Checks what is asked for: a namespace and keys. */
  static String key(Operator operator, String text, int at) throws Unreadable {
    if (!KEY.matcher(text).matches()) {
      throw new Unreadable(at, "'" + text + "' (expected: NAMESPACE:KEY)", "");
    }
    if (OWN.matcher(text).matches()) {
      throw new Unreadable(
          at,
          operator + " of '" + text + "', which filters of Envoy and Istio set and Weft does not",
          "%WEFT_USER%, %WEFT_API_KEY%, %WEFT_CAUSE%, %WEFT_DETAIL%, %DOWNSTREAM_PEER_URI_SAN% and"
              + " %UPSTREAM_CLUSTER% tell what Weft knows");
    }
    return text;
  }

  /** What of a format is always {@code -}, and why, for people. */
  public static List<String> of(LineFormat format) {
    List<String> told = new ArrayList<>();
    for (LineFormat.Part part : format.parts()) {
      if (part instanceof Field field) {
        if (field.operator().takes() == Takes.KEY) {
          told.add(
              "%"
                  + field.operator()
                  + "("
                  + field.name()
                  + ")% is always '-': there is no filter here that sets it");
        } else if (field.operator() == Operator.UPSTREAM_LOCAL_ADDRESS) {
          told.add("%UPSTREAM_LOCAL_ADDRESS% is always '-': it is not known here");
        }
      }
    }
    return told;
  }
}
