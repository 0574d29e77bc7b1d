package dev.weft.config.istio.balance;

import dev.weft.config.model.balance.Locality;
import dev.weft.config.model.balance.LocalityPolicy;
import dev.weft.config.model.balance.LocalityPolicy.Distribute;
import dev.weft.config.model.balance.LocalityPolicy.Failover;
import dev.weft.config.model.balance.LocalityPolicy.Share;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads a {@code localityLbSetting}, and localities elsewhere. */
public final class LocalitySettings {

  private static final int WHOLE = 100;
  private static final String TEXT = "[^/*\\s]+(/[^/*\\s]+){0,2}";
  private static final String AREA = "(\\*|[^/*\\s]+(/[^/*\\s]+){0,2}(/\\*)?)";

  private LocalitySettings() {}

  static LocalityPolicy read(Fields fields) {
    List<Distribute> distribute =
        fields.objects("distribute").stream().map(LocalitySettings::distribute).toList();
    List<Failover> failover =
        fields.objects("failover").stream().map(LocalitySettings::failover).toList();
    LocalityPolicy policy =
        new LocalityPolicy(
            fields.flag("enabled", true), distribute, failover, fields.texts("failoverPriority"));
    List<String> said =
        Stream.of("distribute", "failover", "failoverPriority").filter(fields::has).toList();
    if (said.size() > 1) {
      fields.error(
          Codes.CONFLICT,
          said.get(1),
          said.get(1) + " beside " + said.get(0) + " (expected: one of them)",
          "keep one");
    }
    overlaps(fields, distribute.stream().map(Distribute::from).toList());
    fields.done();
    return policy;
  }

  private static Distribute distribute(Fields fields) {
    Locality from = area(fields, "from", fields.required("from", "a locality such as eu/a/*"));
    List<Share> to = new ArrayList<>();
    Optional<Fields> shares = fields.object("to");
    for (YamlNode.Entry entry : shares.map(Fields::entries).orElse(List.of())) {
      Fields weights = shares.get();
      Locality where = area(weights, entry.key(), entry.key());
      to.add(new Share(where, weights.integer(entry.key(), 1, WHOLE, 1)));
    }
    int sum = to.stream().mapToInt(Share::weight).sum();
    if (sum != WHOLE) {
      fields.error(Codes.OUT_OF_RANGE, "to", "weights add up to " + sum + " (expected: 100)", "");
    }
    overlaps(fields, to.stream().map(Share::to).toList());
    fields.done();
    return new Distribute(from, to);
  }

  private static Locality area(Fields fields, String name, String text) {
    if (!text.isEmpty() && !text.matches(AREA)) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          name,
          "'"
              + Fields.shortened(text)
              + "' (expected: region, region/zone, region/zone/subzone,"
              + " or * at its end)",
          "");
    }
    return Locality.parse(text);
  }

  private static void overlaps(Fields fields, List<Locality> areas) {
    for (int i = 1; i < areas.size(); i++) {
      Locality one = areas.get(i);
      for (Locality other : areas.subList(0, i)) {
        if (one.overlaps(other)) {
          fields
              .problems()
              .error(
                  Codes.CONFLICT,
                  fields.place(),
                  fields.path(),
                  "'" + one + "' overlaps '" + other + "' (expected: each locality once)",
                  "");
        }
      }
    }
  }

  private static Failover failover(Fields fields) {
    Failover failover = new Failover(region(fields, "from"), region(fields, "to"));
    if (!failover.from().isEmpty() && failover.from().equals(failover.to())) {
      fields.error(Codes.CONFLICT, "to", "from and to are the same region", "");
    }
    fields.done();
    return failover;
  }

  private static String region(Fields fields, String name) {
    String region = fields.required(name, "a region");
    if (region.contains("/") || region.contains("*")) {
      fields.error(
          Codes.UNKNOWN_VALUE, name, "'" + Fields.shortened(region) + "' (expected: a region)", "");
    }
    return region;
  }

  /** Where an endpoint stands, {@code region/zone/subzone}; empty where nothing is said. */
  public static String of(Fields endpoint) {
    String text = endpoint.text("locality", "");
    if (!text.isEmpty() && !text.matches(TEXT)) {
      endpoint.error(
          Codes.UNKNOWN_VALUE,
          "locality",
          "'" + Fields.shortened(text) + "' (expected: region/zone/subzone, or less of it)",
          "");
      return "";
    }
    return text;
  }
}
