package dev.weft.config.source;

import dev.weft.config.ConfigDocument;
import java.util.List;
import java.util.function.Consumer;

/**
 * What who listens knows of a folder, so that only news are told: other texts than were told or
 * written last, and never what stood there before a writing that came between. Any thread.
 */
final class Told {

  private int writing; // under way
  private boolean crossed; // a writing was under way, or began, since the reading began
  private boolean anew; // what is read counts as news
  private List<ConfigDocument> last = List.of();

  /** Whatever is read next is news. */
  synchronized void untold() {
    anew = true;
  }

  /** The folder is about to be written. */
  synchronized void writing() {
    writing++;
    crossed = true;
  }

  /**
   * It was written: who listens serves it, or is about to.
   *
   * @param documents all that it holds
   */
  synchronized void written(List<ConfigDocument> documents) {
    writing--;
    last = List.copyOf(documents);
  }

  /** It was not written, or not whole: who listens may serve something else than it holds. */
  synchronized void notWritten() {
    writing--;
    anew = true;
  }

  /** A reading begins. */
  synchronized void reading() {
    crossed = writing > 0;
  }

  /**
   * Tells what was read if it is news; it counts as told from now on.
   *
   * @return false where a writing came between, so that it has to be read once more
   */
  synchronized boolean tell(List<ConfigDocument> read, Consumer<List<ConfigDocument>> to) {
    if (crossed) {
      return false;
    }
    boolean news = anew || !read.equals(last);
    anew = false;
    last = read;
    if (news) {
      to.accept(read);
    }
    return true;
  }

  synchronized List<ConfigDocument> last() {
    return last;
  }
}
