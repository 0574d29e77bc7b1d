package dev.weft.routing.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ProcessLogTest {

  private final ProcessLog log = ProcessLog.instance();

  @Test
  void aLineNamesTimeLevelAndClass() {
    LogRecord record = new LogRecord(Level.WARNING, "not applied: {0}");
    record.setLoggerName("dev.weft.routing.verticle.ConfigVerticle");

    String line = new ProcessLog.Line().format(record);

    assertThat(line)
        .matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARN  ConfigVerticle not applied: \\{0}\n");
  }

  @Test
  void whatWasThrownFollowsItsLine() {
    LogRecord record = new LogRecord(Level.SEVERE, "it broke");
    record.setThrown(new IllegalStateException("because"));

    String line = new ProcessLog.Line().format(record);

    assertThat(line)
        .contains("ERROR  it broke\n")
        .contains("java.lang.IllegalStateException: because\n\tat ");
  }

  @Test
  void aLevelThatIsSetCountsAndIsTold() {
    assertThat(LoggerFactory.getLogger("io.netty.test").isInfoEnabled()).isFalse();

    log.set("io.netty.test", "debug");

    assertThat(LoggerFactory.getLogger("io.netty.test").isDebugEnabled()).isTrue();
    assertThat(log.levels()).containsEntry("io.netty.test", "DEBUG").containsEntry("root", "INFO");
    log.set("io.netty.test", "WARN");
  }

  @Test
  void anUnknownLevelIsRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> log.set("root", "loud"))
        .hasMessage("level 'loud' (expected: OFF, ERROR, WARN, INFO, DEBUG, TRACE)");
  }
}
