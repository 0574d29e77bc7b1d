package dev.weft.routing.process.wiring;

import dev.weft.routing.telemetry.AccessLog;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where {@code --access-log} has lines written. */
public final class AccessLogs {

  private static final int CAPACITY = 8192;

  private AccessLogs() {}

  /**
   * @param wanted {@code off}, {@code -} for the process's output, or a file
   * @return to be closed when the process ends; empty when it is off
   * @throws IOException where the file cannot be written; its message is for people
   */
  public static Optional<AccessLog> open(String wanted) throws IOException {
    if (wanted.equals("off")) {
      return Optional.empty();
    }
    AccessLog.Target target =
        wanted.equals("-") ? AccessLog.Target.stdout() : AccessLog.Target.file(Path.of(wanted));
    try {
      return Optional.of(AccessLog.start(target, CAPACITY));
    } catch (FileSystemException e) {
      throw new IOException(why(e), e);
    }
  }

  private static String why(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "its folder is not there";
    }
    if (e instanceof AccessDeniedException) {
      return "may not be written";
    }
    @Nullable String reason = e.getReason();
    return reason == null ? "cannot be written" : reason;
  }
}
