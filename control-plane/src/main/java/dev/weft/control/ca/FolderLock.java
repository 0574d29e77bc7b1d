package dev.weft.control.ca;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One at a time in the authority's folder: among processes by a lock on its file {@code lock},
 * among the threads of this process, for which the system's locks are none, by one lock for all
 * folders. Waits; what is done under it takes milliseconds.
 */
final class FolderLock {

  private static final ReentrantLock THREADS = new ReentrantLock();

  private FolderLock() {}

  /** What is done under the lock. */
  interface Work<T, X extends Exception> {
    T call() throws IOException, X;
  }

  /**
   * @param folder there already
   */
  static <T, X extends Exception> T holding(Path folder, Work<T, X> work) throws IOException, X {
    THREADS.lock();
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid()) {
        throw new IOException("the lock on " + folder + " was lost");
      }
      return work.call();
    } finally {
      THREADS.unlock();
    }
  }
}
