package dev.weft.config.settings;

import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.TraceProvider.Protocol;
import dev.weft.config.model.telemetry.TraceSettings;
import dev.weft.config.model.telemetry.TraceSettings.Format;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.HttpText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Reads what a proxy keeps of traces, and who is told of them. */
final class TracingReader {

  /** Fields of an extension provider that are read here. */
  static final List<String> KINDS = List.of("opentelemetry", "zipkin");

  private static final int MOST_KEPT = 10_000;
  private static final int MOST_TAG = 1024; // as much of a path is kept
  private static final String OTLP_PATH = "/v1/traces";
  private static final String ZIPKIN_PATH = "/api/v2/spans";
  private static final Duration LONGEST = Duration.ofHours(1);

  private TracingReader() {}

  static TraceSettings read(Fields fields) {
    TraceSettings absent = TraceSettings.DEFAULT;
    Duration slow = fields.duration("slow", Duration.ZERO).orElse(absent.slow());
    if (slow.compareTo(LONGEST) > 0) {
      String shown = "slow " + fields.text("slow", "") + " (expected: at most 1h)";
      fields.error(Codes.OUT_OF_RANGE, "slow", shown, "0 keeps no slow ones");
    }
    TraceSettings settings =
        new TraceSettings(
            slow, fields.integer("kept", 0, MOST_KEPT, absent.kept()), formats(fields));
    fields.done();
    return settings;
  }

  private static List<Format> formats(Fields fields) {
    List<String> words = Arrays.stream(Format.values()).map(Format::name).toList();
    List<Format> all = new ArrayList<>();
    for (String word : fields.texts("formats")) {
      if (words.contains(word)) {
        all.add(Format.valueOf(word));
      } else {
        fields.unknownValue("formats", word, words);
      }
    }
    return all;
  }

  /** The collector of an extension provider; empty where it is of another kind. */
  static Optional<TraceProvider> provider(String name, Fields one, UnaryOperator<String> fullName) {
    return one.object(KINDS.get(0))
        .map(fields -> opentelemetry(name, fields, fullName))
        .or(() -> one.object(KINDS.get(1)).map(fields -> zipkin(name, fields, fullName)));
  }

  private static TraceProvider opentelemetry(
      String name, Fields fields, UnaryOperator<String> fullName) {
    Optional<Fields> http = fields.object("http");
    Optional<Fields> grpc = fields.object("grpc");
    if (http.isPresent() && grpc.isPresent()) {
      fields.error(Codes.CONFLICT, "grpc", "grpc beside http (expected: one of them)", "");
    }
    Optional<Fields> way = http.or(() -> grpc);
    String path = http.map(one -> path(one, OTLP_PATH)).orElse("");
    Duration timeout = way.map(AuthorizersReader::longTimeout).orElse(TraceProvider.TIMEOUT);
    Map<String, String> headers = new LinkedHashMap<>();
    way.ifPresent(one -> headers(one, headers));
    grpc.ifPresent(Fields::done);
    http.ifPresent(Fields::done);
    TraceProvider provider =
        new TraceProvider(
            name,
            http.isPresent() ? Protocol.OTLP_HTTP : Protocol.OTLP_GRPC,
            AuthorizersReader.host(fields, fullName),
            AuthorizersReader.port(fields),
            path,
            timeout,
            headers,
            fields.integer("maxTagLength", 1, MOST_TAG, TraceProvider.TAG_LENGTH),
            fields.place());
    fields.notHonoured("resourceDetectors", "dynatraceSampler");
    fields.done();
    return provider;
  }

  private static TraceProvider zipkin(String name, Fields fields, UnaryOperator<String> fullName) {
    TraceProvider provider =
        new TraceProvider(
            name,
            Protocol.ZIPKIN,
            AuthorizersReader.host(fields, fullName),
            AuthorizersReader.port(fields),
            path(fields, ZIPKIN_PATH),
            TraceProvider.TIMEOUT,
            Map.of(),
            fields.integer("maxTagLength", 1, MOST_TAG, TraceProvider.TAG_LENGTH),
            fields.place());
    fields.passedOver("enable64bitTraceId"); // Zipkin takes both; ids are of 128 bits
    fields.notHonoured("traceContextOption");
    fields.done();
    return provider;
  }

  private static String path(Fields fields, String absent) {
    String path = HttpText.part(fields, "path").orElse("");
    if (path.isEmpty()) {
      return absent;
    }
    if (!path.startsWith("/") || path.matches(".*[?#].*")) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "path",
          "'" + Fields.shortened(path) + "' (expected: a path that begins with /)",
          "");
    }
    return path;
  }

  private static void headers(Fields way, Map<String, String> all) {
    for (Fields one : way.objects(way.has("headers") ? "headers" : "initialMetadata")) {
      String name = Fields.lower(one.required("name", "a header's name"));
      String value = one.text("value", "");
      if (!name.isEmpty()) {
        HttpText.name(one, name);
        HttpText.value(one, "value", value);
        all.put(name, value);
      }
      one.notHonoured("envName");
      one.done();
    }
  }
}
