package dev.weft.control.stream;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.control.stream.GatewayReport.Said;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.discovery.standing.Standing.Trouble;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * From what each proxy says of itself to what is wrong with Gateways, by the units that they stand
 * in. A proxy is believed of Gateways alone that there are, that may select it by what is known of
 * its pod, and that it says to have; so nobody speaks of a Gateway of another's.
 */
final class TroubledGateways {

  private static final int MOST = 20; // of one Gateway

  private TroubledGateways() {}

  /** A proxy that listens. */
  record Teller(Viewer viewer, Standing standing) {}

  /** What those say that are connected here. */
  static GatewayReport report(MeshConfig config, List<Teller> tellers) {
    Map<String, List<Teller>> naming = new HashMap<>(); // by Gateway
    for (Teller one : tellers) {
      if (one.standing.kind().equals("gateway")) {
        one.standing.gateways().stream()
            .map(its -> its.namespace() + "/" + its.name())
            .distinct()
            .forEach(name -> naming.computeIfAbsent(name, first -> new ArrayList<>()).add(one));
      }
    }
    Map<String, Integer> having = new TreeMap<>();
    List<Said> said = new ArrayList<>();
    if (naming.isEmpty()) {
      return new GatewayReport(having, said);
    }
    for (Gateway gateway : config.gateways()) {
      String name = gateway.meta().qualifiedName();
      List<Teller> its =
          naming.getOrDefault(name, List.of()).stream()
              .filter(one -> one.viewer.mayBe(gateway.selector()))
              .toList();
      if (!its.isEmpty()) {
        having.put(name, its.size());
        words(gateway, its).forEach((words, on) -> said.add(new Said(name, words, on)));
      }
    }
    return new GatewayReport(having, said);
  }

  private static Map<String, Integer> words(Gateway gateway, List<Teller> having) {
    Map<String, Integer> counts = new TreeMap<>();
    for (Teller one : having) {
      one.standing.troubles().stream()
          .filter(trouble -> about(trouble, gateway))
          .map(Trouble::words)
          .distinct()
          .forEach(words -> counts.merge(words, 1, Integer::sum));
    }
    return counts;
  }

  private static boolean about(Trouble trouble, Gateway gateway) {
    return trouble.kind().equals("Gateway")
        && trouble.namespace().equals(gateway.meta().namespace())
        && trouble.name().equals(gateway.meta().name())
        && gateway.servers().stream().anyMatch(server -> server.port() == trouble.port());
  }

  /**
   * Those of units where something is wrong; each Gateway's by their words.
   *
   * @param told what was last told: it stays of a Gateway that no proxy speaks of now, since that
   *     nobody complains who is there is not that all is well
   */
  static Map<String, List<GatewayTrouble>> of(
      MeshConfig config, List<GatewayReport> reports, Map<String, List<GatewayTrouble>> told) {
    Map<String, Map<String, Integer>> said = new HashMap<>(); // on how many, by Gateway and words
    Map<String, Integer> having = new HashMap<>();
    for (GatewayReport one : reports) {
      one.having().forEach((gateway, count) -> having.merge(gateway, count, Integer::sum));
      one.said()
          .forEach(
              its ->
                  said.computeIfAbsent(its.gateway(), first -> new TreeMap<>())
                      .merge(its.words(), its.on(), Integer::sum));
    }
    Map<String, List<GatewayTrouble>> all = new TreeMap<>();
    if (said.isEmpty() && told.isEmpty()) {
      return all;
    }
    for (Gateway gateway : config.gateways()) {
      String name = gateway.meta().qualifiedName();
      if (!having.containsKey(name)) {
        stays(gateway, told, all);
      }
      said.getOrDefault(name, Map.of()).entrySet().stream()
          .limit(MOST)
          .forEach(
              one ->
                  all.computeIfAbsent(unit(gateway), first -> new ArrayList<>())
                      .add(
                          new GatewayTrouble(
                              gateway.meta().namespace(),
                              gateway.meta().name(),
                              one.getKey(),
                              one.getValue(),
                              having.getOrDefault(name, one.getValue()))));
    }
    return all;
  }

  private static void stays(
      Gateway gateway,
      Map<String, List<GatewayTrouble>> told,
      Map<String, List<GatewayTrouble>> all) {
    String unit = unit(gateway);
    told.getOrDefault(unit, List.of()).stream()
        .filter(one -> one.namespace().equals(gateway.meta().namespace()))
        .filter(one -> one.name().equals(gateway.meta().name()))
        .forEach(one -> all.computeIfAbsent(unit, first -> new ArrayList<>()).add(one));
  }

  /** What its text came from: {@code configmap:NAMESPACE/NAME}, or its own name. */
  private static String unit(Gateway gateway) {
    if (gateway.servers().isEmpty()) {
      return ""; // nothing can be said of it, but by one that had another
    }
    String file = gateway.servers().get(0).place().file();
    int key = file.indexOf('#');
    return key < 0 ? file : file.substring(0, key);
  }
}
