package dev.weft.routing.telemetry.line;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines that others may move away while it is written, as logrotate does. A look whether
 * it is still there costs a call of the system. One thread at a time; not for event loops.
 */
public final class LogFile {

  private final Path path;
  private @Nullable Object key; // which file it is, whatever it is called; null where nobody knows

  public LogFile(Path path) {
    this.path = path;
  }

  /** Opens its end; makes it where it is not there. */
  public OutputStream open() throws IOException {
    OutputStream end =
        Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    try {
      key = key();
    } catch (IOException gone) {
      end.close();
      throw gone;
    }
    return end;
  }

  /** Whether its name is another file's by now, or nobody's. */
  public boolean moved() {
    try {
      return !Objects.equals(key, key());
    } catch (NoSuchFileException gone) {
      return true;
    } catch (IOException unknown) {
      return false; // what is open may still be written
    }
  }

  private @Nullable Object key() throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }
}
