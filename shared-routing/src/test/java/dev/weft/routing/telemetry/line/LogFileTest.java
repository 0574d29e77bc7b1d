package dev.weft.routing.telemetry.line;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogFileTest {

  @TempDir Path folder;

  private Path path;
  private LogFile file;

  @BeforeEach
  void named() {
    path = folder.resolve("access.log");
    file = new LogFile(path);
  }

  @Test
  void whatOthersWriteOrEmptyIsStillThere() throws IOException {
    try (OutputStream end = file.open()) {
      assertThat(file.moved()).isFalse();

      end.write("one".getBytes(StandardCharsets.UTF_8));
      Files.writeString(path, ""); // as copytruncate does
      end.write("two".getBytes(StandardCharsets.UTF_8));

      assertThat(file.moved()).isFalse();
      assertThat(path).hasContent("two");
    }
  }

  @Test
  void whatIsRemovedOrReplacedIsNot() throws IOException {
    file.open().close();
    Files.delete(path);
    assertThat(file.moved()).as("removed").isTrue();

    file.open().close();
    assertThat(file.moved()).as("opened again").isFalse();
    Path another = Files.writeString(folder.resolve("another"), "its own");
    Files.move(path, folder.resolve("access.log.1"));
    Files.move(another, path);

    assertThat(file.moved()).as("another has its name").isTrue();
  }

  @Test
  void aPathThatLeadsNowhereAnyMoreIsTold() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    LogFile deep = new LogFile(inner.resolve("access.log"));
    deep.open().close();

    Files.move(inner, folder.resolve("elsewhere"));

    assertThat(deep.moved()).isTrue();
  }
}
