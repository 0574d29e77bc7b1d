package dev.weft.config.istio.telemetry;

import dev.weft.config.logging.Filters;
import dev.weft.config.logging.Unreadable;
import dev.weft.config.model.settings.Log.Side;
import dev.weft.config.model.telemetry.AccessLogging;
import dev.weft.config.model.telemetry.AccessLogging.Mode;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads what a Telemetry says of the access log. */
final class AccessLoggings {

  private static final String OWN = "envoy"; // Istio's name of what a proxy writes itself

  private AccessLoggings() {}

  static List<AccessLogging> read(Fields spec) {
    return spec.objects("accessLogging").stream().flatMap(AccessLoggings::one).toList();
  }

  private static Stream<AccessLogging> one(Fields fields) {
    Optional<Fields> match = fields.object("match");
    Mode mode = match.flatMap(one -> one.word("mode", Mode.class)).orElse(Mode.CLIENT_AND_SERVER);
    match.ifPresent(Fields::done);
    boolean ours = ours(fields);
    boolean off = fields.flag("disabled", false);
    String filter = fields.object("filter").map(AccessLoggings::filter).orElse("");
    fields.done();
    return ours
        ? Stream.of(new AccessLogging(mode, off ? Side.NONE : new Side(true, filter)))
        : Stream.empty();
  }

  /** Whether it is said of this proxy's own log, which it also is where no provider is named. */
  private static boolean ours(Fields fields) {
    boolean ours = !fields.has("providers");
    for (Fields one : fields.objects("providers")) {
      String name = one.required("name", OWN);
      ours |= name.equals(OWN);
      if (!name.isEmpty() && !name.equals(OWN)) {
        one.warning(
            Codes.NOT_HONOURED,
            "name",
            "provider '" + Fields.shortened(name) + "' (expected: " + OWN + ")",
            "it is told nothing; each proxy's own log has that name, and ProxySettings.log says how"
                + " it looks");
      }
      one.done();
    }
    return ours;
  }

  /** What cannot be read filters nothing: better too many lines than none. */
  private static String filter(Fields fields) {
    String expression = fields.text("expression", "");
    try {
      Filters.of(expression);
    } catch (Unreadable fault) {
      fields.warning(
          Codes.NOT_HONOURED,
          "expression",
          "not honoured by this version: " + fault.told(),
          "all lines are written; " + fault.hint());
      expression = "";
    }
    fields.done();
    return expression;
  }
}
