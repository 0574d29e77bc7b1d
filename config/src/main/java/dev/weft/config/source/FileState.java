package dev.weft.config.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Which file stands behind a path, and when it was last touched: two that are equal have the same
 * content, once neither can have been written within one tick of the file system's clock.
 *
 * @param file device and inode
 * @param modified when its content was written, which whoever writes it may set
 * @param changed when anything of it was, which nobody may set
 */
record FileState(Object file, long size, FileTime modified, FileTime changed) {

  private static final long COARSEST_TICK_MILLIS = TimeUnit.SECONDS.toMillis(3); // FAT has 2 s
  private static final FileTime UNKNOWN = FileTime.from(253_402_214_400L, TimeUnit.SECONDS);

  /**
   * As it is now, links followed.
   *
   * @param is what is known of it; where the system tells no more, it never settles
   */
  static FileState of(Path path, BasicFileAttributes is) throws IOException {
    boolean unix = path.getFileSystem().supportedFileAttributeViews().contains("unix");
    Object changed = unix ? Files.getAttribute(path, "unix:ctime") : UNKNOWN;
    return new FileState(
        Objects.requireNonNullElse(is.fileKey(), path),
        is.size(),
        is.lastModifiedTime(),
        changed instanceof FileTime time ? time : UNKNOWN);
  }

  /**
   * Whether a writing at this time or later would be seen by another state.
   *
   * @param epochMillis of the machine's clock
   */
  boolean settled(long epochMillis) {
    long touched = Math.max(modified.toMillis(), changed.toMillis());
    return touched + COARSEST_TICK_MILLIS < epochMillis;
  }
}
