package dev.weft.config.source;

import dev.weft.config.ConfigDocument;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What was told last, so that only news are told: other texts, and whatever is read after the
 * folder was written, since who listens serves something else than what was told.
 *
 * <p>One thread at a time, but for {@link #written}.
 */
final class Told {

  private final AtomicBoolean written = new AtomicBoolean(); // and not read since
  private boolean anew; // what is read counts as news
  private List<ConfigDocument> last = List.of();

  /**
   * The folder was written: what is read from now on is news. Not before it is done: what stood
   * there would be told once more. Any thread.
   */
  void written() {
    written.set(true);
  }

  /** Before each reading: one that had begun may be of what stood there before the writing. */
  void reading() {
    anew |= written.getAndSet(false);
  }

  /** Whether what was read is to be told; it counts as told from now on. */
  boolean news(List<ConfigDocument> read) {
    boolean news = anew || !read.equals(last);
    anew = false;
    last = read;
    return news;
  }

  List<ConfigDocument> last() {
    return last;
  }
}
