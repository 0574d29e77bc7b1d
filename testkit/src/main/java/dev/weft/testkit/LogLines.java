package dev.weft.testkit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What a class logs while this is open. Lines come from any thread and may be read by any. */
public final class LogLines implements AutoCloseable {

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger;
  private final Handler listening = new Listening();

  private final class Listening extends Handler {
    @Override
    public void publish(LogRecord line) {
      lines.add(line.getMessage() + (line.getThrown() == null ? "" : " " + line.getThrown()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /** Listens to the logger that has this class's name. */
  public LogLines(Class<?> speaker) {
    this(speaker.getName());
  }

  /** Listens to the logger of a name, for classes that are not for others. */
  public LogLines(String speaker) {
    this.logger = Logger.getLogger(speaker);
    logger.addHandler(listening);
  }

  /** The lines so far, oldest first, each with its exception behind it. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public void close() {
    logger.removeHandler(listening);
  }
}
