package dev.weft.routing.process;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;

/** Levels of the process's loggers; the one place that knows which logging library runs. */
final class LogLevels {

  private static final List<String> LEVELS =
      List.of("OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE");

  Map<String, String> all() {
    Map<String, String> all = new TreeMap<>();
    all.put("root", LogManager.getRootLogger().getLevel().name());
    LoggerContext context = LoggerContext.getContext(false);
    context
        .getConfiguration()
        .getLoggers()
        .forEach(
            (name, logger) -> all.put(name.isEmpty() ? "root" : name, logger.getLevel().name()));
    return all;
  }

  void set(String logger, String level) {
    String word = level.toUpperCase(Locale.ROOT);
    if (!LEVELS.contains(word)) {
      throw new IllegalArgumentException(
          "level '" + level + "' (expected: " + String.join(", ", LEVELS) + ")");
    }
    if (logger.equals("root")) {
      Configurator.setRootLevel(Level.valueOf(word));
    } else {
      Configurator.setLevel(logger, Level.valueOf(word));
    }
  }
}
