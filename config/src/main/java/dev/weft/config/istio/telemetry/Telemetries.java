package dev.weft.config.istio.telemetry;

import dev.weft.config.istio.security.Targets;
import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import dev.weft.config.model.telemetry.AccessLogging;
import dev.weft.config.model.telemetry.CustomTag;
import dev.weft.config.model.telemetry.CustomTag.Source;
import dev.weft.config.model.telemetry.MetricOverride;
import dev.weft.config.model.telemetry.Telemetry;
import dev.weft.config.model.telemetry.Tracing;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.HttpText;
import dev.weft.config.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a Telemetry. */
public final class Telemetries {

  private static final int MOST_TAGS = 50;
  private static final List<String> SOURCES = List.of("literal", "environment", "header");

  private Telemetries() {}

  public static Telemetry read(Meta meta, Fields spec) {
    Map<String, String> selector = spec.matchLabels("selector");
    List<Fields> all = spec.objects("tracing");
    List<Target> targets = Targets.read(meta, spec, selector);
    if (all.size() > 1) {
      spec.warning(
          Codes.NOT_HONOURED,
          "tracing",
          "tracing[1] and what follows are not honoured by this version",
          "they have no effect");
    }
    Optional<Tracing> tracing = all.stream().findFirst().map(Telemetries::tracing);
    List<AccessLogging> logging = AccessLoggings.read(spec);
    List<MetricOverride> metrics = MetricOverrides.read(spec);
    spec.passedOver("tracing", "accessLogging", "metrics");
    spec.done();
    return new Telemetry(meta, selector, targets, tracing, logging, metrics);
  }

  private static Tracing tracing(Fields fields) {
    matched(fields);
    Tracing tracing =
        new Tracing(
            provider(fields),
            fields.number("randomSamplingPercentage", 0, 100).stream().boxed().findFirst(),
            flag(fields, "disableSpanReporting"),
            flag(fields, "disableContextPropagation"),
            flag(fields, "enableIstioTags"),
            tags(fields));
    fields.notHonoured("useRequestIdForTraceSampling");
    fields.done();
    return tracing;
  }

  /** Requests in both directions are told; what asks for one of them alone has no effect. */
  private static void matched(Fields fields) {
    Optional<Fields> match = fields.object("match");
    String mode = match.map(one -> one.text("mode", "")).orElse("");
    if (!mode.isEmpty() && !mode.equals("CLIENT_AND_SERVER")) {
      match.get().notHonoured("mode");
    }
    match.ifPresent(Fields::done);
  }

  private static Optional<Boolean> flag(Fields fields, String name) {
    return fields.has(name) ? Optional.of(fields.flag(name, false)) : Optional.empty();
  }

  private static Optional<String> provider(Fields fields) {
    List<Fields> all = fields.objects("providers");
    if (all.size() > 1) {
      fields.warning(
          Codes.NOT_HONOURED,
          "providers",
          all.size() + " providers (expected: one)",
          "the first one counts, as in Istio");
    }
    Optional<String> first = Optional.empty();
    for (Fields one : all) {
      String name = one.required("name", "a provider of ProxySettings' extensionProviders");
      one.done();
      first = first.isEmpty() && !name.isEmpty() ? Optional.of(name) : first;
    }
    return first;
  }

  private static List<CustomTag> tags(Fields fields) {
    List<CustomTag> all = new ArrayList<>();
    Optional<Fields> written = fields.object("customTags");
    for (YamlNode.Entry entry : written.map(Fields::entries).orElse(List.of())) {
      String path = fields.path("customTags") + "." + entry.key();
      tag(entry.key(), Fields.of(entry.value(), path, fields.problems())).ifPresent(all::add);
    }
    if (all.size() > MOST_TAGS) {
      String shown = all.size() + " tags (expected: at most " + MOST_TAGS + ")";
      fields.error(Codes.OUT_OF_RANGE, "customTags", shown, "each is told with each span");
      return List.of();
    }
    return all;
  }

  private static Optional<CustomTag> tag(String name, Fields fields) {
    if (fields.has("formatter")) {
      fields.notHonoured("formatter");
      fields.done();
      return Optional.empty();
    }
    List<String> there = SOURCES.stream().filter(fields::has).toList();
    if (there.size() != 1) {
      fields.error(
          there.isEmpty() ? Codes.MISSING_FIELD : Codes.CONFLICT,
          there.isEmpty() ? SOURCES.get(0) : there.get(1),
          "tag '"
              + Fields.shortened(name)
              + "' of "
              + (there.isEmpty() ? "no" : "more than one")
              + " source (expected: one of "
              + String.join(", ", SOURCES)
              + ")",
          "");
      return Optional.empty();
    }
    Fields source = fields.object(there.get(0)).orElse(fields);
    CustomTag tag =
        switch (there.get(0)) {
          case "literal" ->
              new CustomTag(name, Source.LITERAL, source.required("value", "some text"), "");
          case "environment" ->
              new CustomTag(
                  name,
                  Source.ENVIRONMENT,
                  source.required("name", "a variable of the environment"),
                  source.text("defaultValue", ""));
          default ->
              new CustomTag(name, Source.HEADER, header(source), source.text("defaultValue", ""));
        };
    source.done();
    fields.done();
    return Optional.of(tag);
  }

  private static String header(Fields source) {
    String name = Fields.lower(source.required("name", "a header's name"));
    if (!name.isEmpty()) {
      HttpText.name(source, name);
    }
    return name;
  }
}
