package dev.weft.config.istio.route;

import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code gateways}, of a VirtualService or of a match. */
public final class GatewayNames {

  private static final Pattern FULL_NAME =
      Pattern.compile("([a-z0-9-]+)\\.([a-z0-9-]+)(\\.svc(\\.cluster\\.local)?)?");

  private GatewayNames() {}

  /** Names of gateways with their namespace: {@code mesh} or {@code namespace/name}. */
  public static List<String> read(Fields fields, String namespace) {
    return fields.texts("gateways").stream()
        .map(name -> gateway(fields, name, namespace))
        .distinct()
        .toList();
  }

  private static String gateway(Fields fields, String name, String namespace) {
    if (name.equals(VirtualService.MESH)) {
      return name;
    }
    if (name.startsWith("./")) {
      return namespace + name.substring(1);
    }
    Matcher full = FULL_NAME.matcher(name);
    if (full.matches()) {
      String meant = full.group(2) + "/" + full.group(1);
      fields.warning(
          Codes.DEPRECATED, "gateways", "'" + name + "' is deprecated", "write " + meant);
      return meant;
    }
    return name.indexOf('/') >= 0 ? name : namespace + "/" + name;
  }
}
