package dev.weft.routing.process.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.telemetry.AccessLog;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AccessLogsTest {

  @Test
  void whatCannotBeWrittenIsToldInWords(@TempDir Path folder) {
    assertThatThrownBy(() -> AccessLogs.open(folder.resolve("gone/access.log").toString()))
        .isInstanceOf(IOException.class)
        .hasMessage("its folder is not there");
    assertThatThrownBy(() -> AccessLogs.open(folder.toString()))
        .isInstanceOf(IOException.class)
        .hasMessage("Is a directory");
  }

  @Test
  void aFileIsMade(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("access.log");

    AccessLogs.open(file.toString()).ifPresent(AccessLog::close);

    assertThat(file).isEmptyFile();
    assertThat(AccessLogs.open("off")).isEmpty();
  }
}
