package dev.weft.config.istio.route;

import dev.weft.config.istio.HostNames;
import dev.weft.config.model.HeaderEdits;
import dev.weft.config.model.HttpAction.Destination;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** Reads the destinations of a rule, and their weights. */
public final class Destinations {

  private static final int LAST_PORT = 65535;
  private static final int MOST_WEIGHT = 1_000_000;

  private final HostNames hosts;
  private final String namespace;

  /**
   * @param namespace of the resource, in which short names are services
   */
  public Destinations(HostNames hosts, String namespace) {
    this.hosts = hosts;
    this.namespace = namespace;
  }

  /**
   * All of a rule.
   *
   * @param headers what is changed on the way to one of them
   */
  public List<WeightedDestination> read(Fields rule, Function<Fields, HeaderEdits> headers) {
    List<WeightedDestination> all = new ArrayList<>();
    List<Fields> items = rule.objects("route");
    if (rule.has("route") && items.isEmpty()) {
      rule.error(Codes.MISSING_FIELD, "route", "no destination (expected: at least one)", "");
    }
    for (Fields fields : items) {
      Optional<Destination> destination = fields.object("destination").map(this::destination);
      if (destination.isEmpty()) {
        fields.error(Codes.MISSING_FIELD, "destination", "destination is missing", "");
      }
      int weight = weight(fields, destination);
      HeaderEdits edits = headers.apply(fields);
      fields.done();
      destination.ifPresent(
          to -> all.add(new WeightedDestination(to, weight, edits, fields.place())));
    }
    long sum = all.stream().mapToLong(WeightedDestination::weight).sum();
    if (all.size() > 1 && all.size() == items.size() && (sum == 0 || sum > MOST_WEIGHT)) {
      rule.error(
          Codes.OUT_OF_RANGE,
          "route",
          "the weights add up to " + sum + " (expected: 1 to " + MOST_WEIGHT + ")",
          sum == 0 ? "give at least one destination a weight" : "");
    }
    return all;
  }

  private static int weight(Fields fields, Optional<Destination> destination) {
    Optional<String> written = fields.text("weight");
    boolean negative = written.filter(text -> text.matches("-\\d{1,18}")).isPresent();
    if (negative) {
      String subset = destination.map(Destination::subset).orElse("");
      fields.error(
          Codes.OUT_OF_RANGE,
          "weight",
          "weight " + written.orElse("") + " (expected: 0 to " + MOST_WEIGHT + ")",
          "0 sends nothing" + (subset.isEmpty() ? " there" : " to subset '" + subset + "'"));
      return 1;
    }
    return fields.integer("weight", 0, MOST_WEIGHT, 0);
  }

  /** The full name that a host means here. */
  String full(String host) {
    return hosts.resolve(host, namespace);
  }

  /** One: a service, a part of it, a port. */
  public Destination destination(Fields fields) {
    String host = fields.required("host", "the name of a service");
    if (!host.isEmpty()) {
      HostNames.check(fields, "host", host);
    }
    OptionalInt port = OptionalInt.empty();
    Optional<Fields> selector = fields.object("port");
    if (selector.isPresent()) {
      port = selector.get().integer("number", 1, LAST_PORT);
      selector.get().done();
    }
    Destination destination =
        new Destination(
            hosts.resolve(host, namespace), fields.text("subset", ""), port, fields.place());
    fields.done();
    return destination;
  }
}
