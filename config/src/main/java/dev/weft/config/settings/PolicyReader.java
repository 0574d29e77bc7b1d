package dev.weft.config.settings;

import dev.weft.config.model.HttpRoute.CorsPolicy;
import dev.weft.config.model.security.IpBlock;
import dev.weft.config.model.settings.edge.EdgePolicy;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.List;
import java.util.function.Function;

/** Reads what a gateway asks of its callers: the same fields in {@code edge} and in a route. */
final class PolicyReader {

  /** The fields that it reads. */
  static final List<String> FIELDS =
      List.of("allowFrom", "denyFrom", "cors", "apiKeys", "basicAuth", "securityHeaders");

  private static final int MOST_BLOCKS = 10_000;

  private PolicyReader() {}

  /** Whether any of its fields is there. */
  static boolean there(Fields fields) {
    return FIELDS.stream().filter(fields::has).count() > 0;
  }

  /**
   * @param cors reads what Istio has a form for
   */
  static EdgePolicy read(Fields fields, Function<Fields, CorsPolicy> cors) {
    return new EdgePolicy(
        blocks(fields, "allowFrom"),
        blocks(fields, "denyFrom"),
        fields.object("cors").map(cors),
        fields.object("apiKeys").map(KeysReader::read),
        fields.object("basicAuth").map(UsersReader::read),
        fields.object("securityHeaders").map(HeadersReader::read));
  }

  /** An empty list would be read as nobody by some, as everybody by others. */
  private static List<String> blocks(Fields fields, String name) {
    List<String> texts = fields.texts(name);
    if (fields.has(name) && texts.isEmpty()) {
      fields.error(
          Codes.MISSING_FIELD,
          name,
          name + " without an address (expected: e.g. 10.0.0.0/8, 2001:db8::/32)",
          name.equals("allowFrom") ? "0.0.0.0/0 and ::/0 are everybody" : "remove the field");
    }
    if (texts.size() > MOST_BLOCKS) {
      String shown = name + " with " + texts.size() + " blocks";
      fields.error(Codes.TOO_LARGE, name, shown + " (expected: at most " + MOST_BLOCKS + ")", "");
      return List.of();
    }
    for (String text : texts) {
      if (IpBlock.parse(text).isEmpty()) {
        fields.error(
            Codes.UNKNOWN_VALUE,
            name,
            "'" + Fields.shortened(text) + "' (expected: an address or a block)",
            "e.g. 203.0.113.7, 10.0.0.0/8, 2001:db8::/32");
      }
    }
    return texts;
  }
}
