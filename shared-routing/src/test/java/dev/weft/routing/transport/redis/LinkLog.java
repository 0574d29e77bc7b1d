package dev.weft.routing.transport.redis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is told to the operator about a Redis. */
final class LinkLog implements AutoCloseable {

  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
  private final Logger logger = Logger.getLogger(LinkStanding.class.getName());
  private final Handler listening = new Listening();

  private final class Listening extends Handler {
    @Override
    public void publish(LogRecord one) {
      lines.add(one.getMessage() + (one.getThrown() == null ? "" : " " + one.getThrown()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  LinkLog() {
    logger.addHandler(listening);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public void close() {
    logger.removeHandler(listening);
  }
}
