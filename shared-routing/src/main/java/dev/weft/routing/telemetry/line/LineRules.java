package dev.weft.routing.telemetry.line;

import dev.weft.config.logging.Attribute;
import dev.weft.config.logging.Condition;
import dev.weft.config.logging.Facts;
import dev.weft.config.logging.Filters;
import dev.weft.config.logging.GrpcStatuses;
import dev.weft.config.logging.LineFormat;
import dev.weft.config.logging.LineFormat.Field;
import dev.weft.config.logging.LineFormat.Literal;
import dev.weft.config.logging.LineFormat.Part;
import dev.weft.config.logging.Operator;
import dev.weft.config.logging.TimeFormat;
import dev.weft.config.logging.Unreadable;
import dev.weft.config.model.settings.Log;
import dev.weft.config.model.settings.Log.Access;
import dev.weft.config.model.settings.Log.Side;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * Which lines one snapshot wants and how they look: {@code ProxySettings.log} and Telemetry's
 * {@code accessLogging}, compiled once. Filters are asked on event loops and write nothing; formats
 * are followed on the thread that writes.
 *
 * <p>Immutable; any thread.
 */
public final class LineRules {

  /** Lines of JSON for everything, without further fields. */
  public static final LineRules DEFAULT = new LineRules(Log.DEFAULT, Map.of());

  private static final String NONE = "-";

  private final boolean on;
  private final Optional<LineFormat> text;
  private final Map<String, LineFormat> labels;
  private final Lines client;
  private final Lines server;
  private final List<String> request;
  private final List<String> response;
  private final List<String> trailers;
  private final Set<String> redacted;
  private final Map<Field, DateTimeFormatter> times;
  private final Map<String, String> environment;
  private final Optional<String> hostname;

  /** Which lines of one direction. */
  private record Lines(boolean on, Condition condition) {}

  /**
   * @param environment of the process
   */
  public LineRules(Log log, Map<String, String> environment) {
    this.on = log.access() != Access.OFF;
    this.text =
        log.access() == Access.TEXT
            ? Optional.of(format(log.format().isEmpty() ? LineFormat.ISTIO : log.format()))
            : Optional.empty();
    this.labels = new LinkedHashMap<>();
    log.labels().forEach((name, value) -> labels.put(name, format(value)));
    Condition both = condition(log.filter());
    this.client = lines(log.client(), both);
    this.server = lines(log.server(), both);
    this.redacted = Set.copyOf(log.redact());
    Set<String> asked = new LinkedHashSet<>();
    Set<String> answered = new LinkedHashSet<>();
    Set<String> last = new LinkedHashSet<>();
    BiConsumer<Attribute, String> each =
        (where, name) -> (where == Attribute.REQUEST_HEADERS ? asked : answered).add(name);
    client.condition.headers(each);
    server.condition.headers(each);
    List<Field> fields = fields().toList();
    named(fields, asked, Operator.REQ, Operator.REQ_WITHOUT_QUERY);
    named(fields, answered, Operator.RESP);
    named(fields, last, Operator.TRAILER);
    this.request = List.copyOf(asked);
    this.response = List.copyOf(answered);
    this.trailers = List.copyOf(last);
    this.times = new HashMap<>();
    fields.stream().filter(LineRules::timed).forEach(field -> times.put(field, time(field)));
    this.hostname =
        fields.stream().anyMatch(field -> field.operator() == Operator.HOSTNAME)
            ? Hostname.of(environment)
            : Optional.empty();
    this.environment = new LinkedHashMap<>();
    fields.stream()
        .filter(field -> field.operator() == Operator.ENVIRONMENT)
        .flatMap(field -> Stream.of(field.name(), field.otherwise()))
        .filter(environment::containsKey)
        .forEach(name -> this.environment.put(name, environment.getOrDefault(name, "")));
  }

  /** The configuration was checked: what cannot be read is a fault of ours. */
  private static LineFormat format(String text) {
    try {
      return LineFormat.of(text);
    } catch (Unreadable fault) {
      throw new IllegalArgumentException("format: " + fault.told(), fault);
    }
  }

  /** Whether it is a time in a format of its own. */
  private static boolean timed(Field field) {
    return field.operator() == Operator.START_TIME_LOCAL
        || (field.operator() == Operator.START_TIME && !field.name().isEmpty());
  }

  private static DateTimeFormatter time(Field field) {
    try {
      return field.operator() == Operator.START_TIME
          ? TimeFormat.of(field.name(), 0, ZoneOffset.UTC)
          : TimeFormat.of(
              field.name().isEmpty() ? TimeFormat.LOCAL : field.name(), 0, ZoneId.systemDefault());
    } catch (Unreadable fault) {
      throw new IllegalArgumentException("format: " + fault.told(), fault);
    }
  }

  private static Condition condition(String text) {
    try {
      return Filters.of(text);
    } catch (Unreadable fault) {
      throw new IllegalArgumentException("filter: " + fault.told(), fault);
    }
  }

  private static Lines lines(Side side, Condition both) {
    Condition own = condition(side.filter());
    if (both.equals(Filters.ALL)) {
      return new Lines(side.on(), own);
    }
    return new Lines(
        side.on(), own.equals(Filters.ALL) ? both : new Condition.Every(List.of(both, own)));
  }

  private Stream<Field> fields() {
    return Stream.concat(text.stream(), labels.values().stream())
        .flatMap(format -> format.parts().stream())
        .filter(Field.class::isInstance)
        .map(Field.class::cast);
  }

  private static void named(List<Field> fields, Set<String> names, Operator... by) {
    fields.stream()
        .filter(field -> List.of(by).contains(field.operator()))
        .flatMap(field -> Stream.of(field.name(), field.otherwise()))
        .filter(name -> !name.isEmpty() && !name.startsWith(":"))
        .forEach(names::add);
  }

  /** Whether anything is logged at all. */
  public boolean on() {
    return on && (client.on || server.on);
  }

  /** Whether lines of one direction may be written, whatever their filter says. */
  public boolean on(boolean incoming) {
    return on && (incoming ? server : client).on;
  }

  /** Whether a line is written. On event loops. */
  public boolean wants(boolean incoming, Facts facts) {
    Lines lines = incoming ? server : client;
    return on && lines.on && lines.condition.holds(facts);
  }

  /** Headers of requests that lines and filters ask for, in lower case. */
  public List<String> request() {
    return request;
  }

  /** Headers of answers that lines and filters ask for, in lower case. */
  public List<String> response() {
    return response;
  }

  /** Trailers of answers that lines ask for, in lower case. */
  public List<String> trailers() {
    return trailers;
  }

  /** Headers whose values are never logged. */
  public Set<String> redacted() {
    return redacted;
  }

  /** Whether lines are text. */
  public boolean text() {
    return text.isPresent();
  }

  /** A line of text, in printable ASCII, without its end. */
  public String line(Lined told) {
    return text.map(format -> written(format, told, true)).orElse("");
  }

  /** The further fields of a line of JSON, in their order; the values are as they were sent. */
  public Map<String, String> labels(Lined told) {
    if (labels.isEmpty()) {
      return Map.of();
    }
    Map<String, String> values = new LinkedHashMap<>();
    labels.forEach((name, format) -> values.put(name, written(format, told, false)));
    return values;
  }

  private String written(LineFormat format, Lined told, boolean plain) {
    StringBuilder line = new StringBuilder(256);
    for (Part part : format.parts()) {
      if (part instanceof Literal literal) {
        line.append(literal.text());
      } else if (part instanceof Field field) {
        Optional<String> value = value(field, told);
        String shown = value.filter(text -> !text.isEmpty()).orElse(NONE);
        int end = Math.min(shown.length(), field.most());
        if (plain && !timed(field)) { // a time is as its format has it
          PlainText.append(line, shown, end, field.quoted());
        } else {
          line.append(shown, 0, end);
        }
      }
    }
    return line.toString();
  }

  private Optional<String> value(Field field, Lined told) {
    if (timed(field)) {
      return Optional.ofNullable(times.get(field)).map(format -> format.format(told.came()));
    }
    Optional<String> first = value(field.operator(), field.name(), told);
    return first.isPresent() || field.otherwise().isEmpty()
        ? first
        : value(field.operator(), field.otherwise(), told);
  }

  private Optional<String> value(Operator operator, String name, Lined told) {
    return switch (operator) {
      case REQ -> told.request(name);
      case REQ_WITHOUT_QUERY -> told.request(name).map(LineRules::withoutQuery);
      case RESP -> told.response(name);
      case TRAILER -> told.trailer(name);
      case GRPC_STATUS ->
          told.value(Operator.GRPC_STATUS_NUMBER).map(number -> GrpcStatuses.written(name, number));
      case HOSTNAME -> hostname;
      case ENVIRONMENT -> Optional.ofNullable(environment.get(name));
      default -> told.value(operator);
    };
  }

  private static String withoutQuery(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }
}
