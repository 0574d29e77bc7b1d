package dev.weft.routing.process;

import dev.weft.routing.telemetry.LogOncePerMinute;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What a process says of itself: one line each on standard error; standard output is the access
 * log's. The one place that knows which logging library runs.
 *
 * <p>It is the JDK's, behind SLF4J: a larger one costs a sidecar a quarter of its start and eight
 * megabytes, for a handful of lines a day.
 */
public final class ProcessLog {

  private static final String ROOT = "root";
  private static final Map<String, Level> LEVELS =
      Map.of(
          "OFF", Level.OFF,
          "ERROR", Level.SEVERE,
          "WARN", Level.WARNING,
          "INFO", Level.INFO,
          "DEBUG", Level.FINE,
          "TRACE", Level.FINEST);
  private static final List<String> WORDS =
      List.of("OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE");

  private final Map<String, Logger> told = new ConcurrentHashMap<>(); // the JDK would forget them

  private ProcessLog() {
    level(ROOT, Level.INFO);
    level("io.netty", Level.WARNING);
    level("io.vertx", Level.WARNING);
    level("io.fabric8", Level.WARNING);
    level("io.opentelemetry.exporter", Level.OFF); // TraceExporter says it, once a minute
    level("io.micrometer", Level.SEVERE); // Vert.x registers its gauges once per local consumer
  }

  /** Sets it up, once, before anything is logged. */
  static void start() {
    System.setProperty("java.util.logging.manager", Lasting.class.getName());
    for (Handler handler : root().getHandlers()) {
      root().removeHandler(handler);
    }
    Handler handler = new ConsoleHandler();
    handler.setLevel(Level.ALL);
    handler.setFormatter(new Line());
    root().addHandler(handler);
    instance();
  }

  /** The process's own; loggers are the process's too. */
  static ProcessLog instance() {
    return Holder.INSTANCE;
  }

  private static final class Holder {
    private static final ProcessLog INSTANCE = new ProcessLog();
  }

  private static Logger root() {
    return Logger.getLogger("");
  }

  private void level(String name, Level level) {
    Logger logger = name.equals(ROOT) ? root() : Logger.getLogger(name);
    logger.setLevel(level);
    told.put(name, logger);
  }

  /** The loggers that have a level of their own, and {@code root}. */
  Map<String, String> levels() {
    Map<String, String> all = new TreeMap<>();
    told.forEach((name, logger) -> all.put(name, word(logger.getLevel())));
    return all;
  }

  /**
   * @param logger a name, or {@code root}
   * @throws IllegalArgumentException for a level that there is not, in words that a user reads
   */
  void set(String logger, String level) {
    Level wanted = LEVELS.get(level.toUpperCase(Locale.ROOT));
    if (wanted == null) {
      throw new IllegalArgumentException(
          "level '" + level + "' (expected: " + String.join(", ", WORDS) + ")");
    }
    level(logger, wanted);
  }

  private static String word(Level level) {
    return LEVELS.entrySet().stream()
        .filter(known -> known.getValue().equals(level))
        .findFirst()
        .map(Map.Entry::getKey)
        .orElse(level.getName());
  }

  /** {@code 12:03:27.125 WARN ConfigVerticle not applied: 1 error}. */
  static final class Line extends Formatter {

    private static final int NANOS_PER_MILLI = 1_000_000;
    private static final int LEVEL_WIDTH = 5;
    private static final int DEEPEST = 16; // causes may go round in a circle

    @Override
    public String format(LogRecord record) {
      String name = Optional.ofNullable(record.getLoggerName()).orElse("");
      StringBuilder line = new StringBuilder(128);
      LocalTime time = LocalTime.ofInstant(record.getInstant(), ZoneId.systemDefault());
      padded(line, time.getHour(), 2).append(':');
      padded(line, time.getMinute(), 2).append(':');
      padded(line, time.getSecond(), 2).append('.');
      padded(line, time.getNano() / NANOS_PER_MILLI, 3).append(' ');
      String level = word(record.getLevel());
      line.append(level).append(" ".repeat(Math.max(1, LEVEL_WIDTH + 1 - level.length())));
      line.append(name.substring(name.lastIndexOf('.') + 1)).append(' ');
      line.append(LogOncePerMinute.printable(String.valueOf(formatMessage(record)), "\n\t"))
          .append('\n');
      Throwable thrown = record.getThrown();
      for (int depth = 0; thrown != null && depth < DEEPEST; depth++) {
        line.append(depth == 0 ? "" : "Caused by: ")
            .append(LogOncePerMinute.printable(thrown.toString(), ""))
            .append('\n');
        for (StackTraceElement frame : thrown.getStackTrace()) {
          line.append("\tat ").append(frame).append('\n');
        }
        thrown = thrown.getCause();
      }
      return line.toString();
    }

    /** By hand: the JDK's formatters are a hundred classes more. */
    private static StringBuilder padded(StringBuilder line, int number, int width) {
      String digits = Integer.toString(number);
      return line.append("0".repeat(width - digits.length())).append(digits);
    }
  }

  /** Keeps its handlers while the process ends, which is when an operator wants to read. */
  public static final class Lasting extends LogManager {
    @Override
    public void reset() {}
  }
}
