package dev.weft.control.stream;

import dev.weft.routing.discovery.standing.PlainLine;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the gateways of one control plane say, as it tells the others.
 *
 * @param having how many gateways have a Gateway, by its {@code namespace/name}
 * @param said what they say of it
 */
record GatewayReport(Map<String, Integer> having, List<Said> said) {

  private static final int MOST_GATEWAYS = 300;
  private static final int MOST_SAID = 60;
  private static final int LONGEST = 400; // of words

  GatewayReport {
    having = Map.copyOf(having);
    said = List.copyOf(said);
  }

  /**
   * What some gateways say of one Gateway.
   *
   * @param gateway {@code namespace/name}
   * @param on how many
   */
  record Said(String gateway, String words, int on) {}

  boolean empty() {
    return having.isEmpty();
  }

  /** Bounded: what is too much is left out, and first that of which nothing is said. */
  JsonObject json() {
    JsonArray words = new JsonArray();
    JsonObject counts = new JsonObject();
    said.stream()
        .limit(MOST_SAID)
        .forEach(
            one -> {
              words.add(new JsonArray().add(one.gateway).add(one.words).add(one.on));
              counts.put(one.gateway, having.getOrDefault(one.gateway, one.on));
            });
    new TreeMap<>(having)
        .forEach(
            (gateway, count) -> {
              if (counts.size() < MOST_GATEWAYS) {
                counts.put(gateway, count);
              }
            });
    return new JsonObject().put("having", counts).put("said", words);
  }

  /**
   * What another told.
   *
   * @throws RuntimeException where it is of another form
   */
  static GatewayReport read(JsonObject told) {
    Map<String, Integer> having = new TreeMap<>();
    JsonObject counts = told.getJsonObject("having");
    counts.fieldNames().forEach(gateway -> having.put(gateway, counts.getInteger(gateway)));
    List<Said> said = new ArrayList<>();
    JsonArray words = told.getJsonArray("said");
    for (int i = 0; i < words.size(); i++) {
      JsonArray one = words.getJsonArray(i);
      said.add(
          new Said(one.getString(0), PlainLine.of(one.getString(1), LONGEST), one.getInteger(2)));
    }
    return new GatewayReport(having, said);
  }
}
