package dev.weft.config.istio.security;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.List;
import java.util.Set;

/**
 * Checks a key set that stands in a configuration. A secret in it would be everybody's who may read
 * the configuration.
 *
 * <p>Source: RFC 7517, RFC 7518 section 6.
 */
final class KeySetText {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final int MOST_KEYS = 100;
  private static final List<String> SECRETS = List.of("d", "p", "q", "dp", "dq", "qi", "oth");
  private static final Set<String> PUBLIC = Set.of("RSA", "EC", "OKP");

  private KeySetText() {}

  static void check(Fields fields, String name, String text) {
    JsonNode keys;
    try {
      keys = MAPPER.readTree(text).path("keys");
    } catch (JsonProcessingException e) {
      fields.error(Codes.WRONG_TYPE, name, name + " is no JSON (expected: {\"keys\": [...]})", "");
      return;
    }
    if (!keys.isArray() || keys.isEmpty() || keys.size() > MOST_KEYS) {
      fields.error(
          Codes.WRONG_TYPE,
          name,
          name + " has no list of 1 to " + MOST_KEYS + " keys (expected: {\"keys\": [...]})",
          "");
      return;
    }
    for (int i = 0; i < keys.size(); i++) {
      key(fields, name, i, keys.get(i));
    }
  }

  private static void key(Fields fields, String name, int index, JsonNode key) {
    String which = "key " + (index + 1) + " of " + name;
    String type = key.path("kty").asText("");
    if (type.equals("oct") || SECRETS.stream().anyMatch(key::has)) {
      fields.error(
          Codes.OUT_OF_RANGE,
          name,
          which + " is secret (expected: public keys alone)",
          "whoever reads it can sign any token: replace that key at its issuer");
    } else if (!PUBLIC.contains(type)) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          name,
          which + " has kty '" + Fields.shortened(type) + "' (expected: RSA, EC or OKP)",
          "");
    }
  }
}
