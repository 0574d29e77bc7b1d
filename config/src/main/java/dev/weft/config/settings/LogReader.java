package dev.weft.config.settings;

import dev.weft.config.logging.Filters;
import dev.weft.config.logging.LineFormat;
import dev.weft.config.logging.Unreadable;
import dev.weft.config.logging.Untold;
import dev.weft.config.model.settings.Log;
import dev.weft.config.model.settings.Log.Access;
import dev.weft.config.model.settings.Log.Side;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.HttpText;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what is logged of requests: formats and filters are read once here, to be told of. */
final class LogReader {

  private static final int MOST_LABELS = 50;

  private LogReader() {}

  static Log read(Fields fields) {
    Log absent = Log.DEFAULT;
    List<String> redact =
        fields.has("redact")
            ? fields.texts("redact").stream().map(Fields::lower).toList()
            : absent.redact();
    redact.forEach(name -> HttpText.name(fields, name));
    Access access = fields.lowerWord("access", Access.class).orElse(absent.access());
    String format = fields.text("format", "");
    Map<String, String> labels = labels(fields);
    if (!format.isEmpty() && access != Access.TEXT) {
      elsewhere(fields, "format", "text", "labels add fields to lines of JSON");
    }
    if (!labels.isEmpty() && access != Access.JSON) {
      elsewhere(fields, "labels", "json", "write them into format");
    }
    readable(fields, "format", () -> format(fields, "format", format));
    String filter = fields.text("filter", absent.filter());
    readable(fields, "filter", () -> Filters.of(filter));
    fields.done();
    return new Log(access, filter, redact, format, labels, Side.ALL, Side.ALL);
  }

  private static Map<String, String> labels(Fields fields) {
    Map<String, String> labels = fields.textMap("labels");
    Optional<Fields> written = fields.object("labels");
    labels.forEach(
        (name, text) ->
            written.ifPresent(where -> readable(where, name, () -> format(where, name, text))));
    if (labels.size() > MOST_LABELS) {
      fields.error(
          Codes.OUT_OF_RANGE,
          "labels",
          labels.size() + " labels (expected: at most " + MOST_LABELS + ")",
          "each is written with each line");
    }
    return labels;
  }

  private static LineFormat format(Fields fields, String name, String text) throws Unreadable {
    LineFormat format = LineFormat.of(text);
    for (String untold : Untold.of(format)) {
      fields.warning(Codes.NOT_HONOURED, name, untold, "leave it out, or read '-' as not known");
    }
    return format;
  }

  private static void elsewhere(Fields fields, String name, String access, String hint) {
    fields.error(
        Codes.CONFLICT, name, name + " without access: " + access + " (expected: none)", hint);
  }

  /** What reads a text, and fails with what is wrong with it. */
  private interface Reading {
    Object read() throws Unreadable;
  }

  private static void readable(Fields fields, String name, Reading reading) {
    try {
      reading.read();
    } catch (Unreadable fault) {
      fields.error(Codes.UNKNOWN_VALUE, name, fault.told(), fault.hint());
    }
  }
}
