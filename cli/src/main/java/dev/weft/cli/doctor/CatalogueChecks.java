package dev.weft.cli.doctor;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the control plane's {@code /services} says, beside what the cluster has. */
final class CatalogueChecks {

  private static final int MOST_NAMES = 5;
  private static final String HINT =
      "it follows within a second or two: ask again; if that stays, look at the control plane's log";

  private CatalogueChecks() {}

  /**
   * @param services of the cluster that have ports, each with them, by NAMESPACE/NAME
   */
  static List<Finding> of(JsonObject told, Map<String, List<String>> services) {
    Map<String, List<String>> catalogue = new TreeMap<>();
    JsonArray all = told.getJsonArray("services", new JsonArray());
    for (int i = 0; i < all.size(); i++) {
      JsonObject one = all.getJsonObject(i);
      catalogue.put(one.getString("namespace") + "/" + one.getString("name"), ports(one));
    }
    Set<String> off = new TreeSet<>(services.keySet());
    off.addAll(catalogue.keySet());
    off.removeIf(
        name -> catalogue.containsKey(name) && catalogue.get(name).equals(services.get(name)));
    if (off.isEmpty()) {
      return List.of(
          Finding.ok("the catalogue has the " + services.size() + " Services of the cluster"));
    }
    List<String> named = off.stream().limit(MOST_NAMES).toList();
    String more = off.size() > MOST_NAMES ? " and " + (off.size() - MOST_NAMES) + " more" : "";
    return List.of(
        Finding.warn(
            "the catalogue and the cluster differ in " + String.join(", ", named) + more, HINT));
  }

  private static List<String> ports(JsonObject service) {
    List<String> ports = new ArrayList<>();
    JsonArray all = service.getJsonArray("ports", new JsonArray());
    for (int i = 0; i < all.size(); i++) {
      JsonObject port = all.getJsonObject(i);
      ports.add(
          port.getString("name", "")
              + ":"
              + port.getInteger("port")
              + "/"
              + port.getString("protocol"));
    }
    return ports;
  }
}
