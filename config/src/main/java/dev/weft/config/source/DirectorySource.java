package dev.weft.config.source;

import dev.weft.config.ConfigDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code dir:PATH}: every {@code *.yaml} and {@code *.yml} under a folder, as one unit, read anew
 * after each change. Names that begin with a dot are passed over, and so are Kubernetes' own
 * folders of a mounted ConfigMap, whose {@code ..data} swap is noticed all the same.
 *
 * <p>A change is told after 10 ms of quiet, and at the latest 100 ms after it began, so that files
 * that change together are one change. One daemon thread watches; the listener is called on it.
 */
public final class DirectorySource implements AutoCloseable {

  private static final long QUIET_MILLIS = 10;
  private static final long LATEST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int MOST_DEPTH = 20;
  private static final WatchEvent.Kind<?>[] ALL = {
    StandardWatchEventKinds.ENTRY_CREATE,
    StandardWatchEventKinds.ENTRY_MODIFY,
    StandardWatchEventKinds.ENTRY_DELETE
  };

  private final Path folder;
  private final Consumer<List<ConfigDocument>> changed;
  private final Consumer<String> failed;
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private @Nullable WatchService watcher;
  private @Nullable Thread thread;

  /**
   * @param changed gets all texts after each change
   * @param failed gets one sentence when the folder cannot be read; what was read before stays
   */
  public DirectorySource(
      Path folder, Consumer<List<ConfigDocument>> changed, Consumer<String> failed) {
    this.folder = folder;
    this.changed = changed;
    this.failed = failed;
  }

  /**
   * Reads the folder once; a single file stands for a folder with that file.
   *
   * @throws IOException when it is not there or cannot be read
   */
  public static List<ConfigDocument> read(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder + ": there is no such file or folder");
    }
    List<ConfigDocument> documents = new ArrayList<>();
    String unit = "dir:" + folder;
    try (Stream<Path> all = Files.walk(folder, MOST_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : all.filter(path -> wanted(folder, path)).sorted().toList()) {
        documents.add(new ConfigDocument(unit, file.toString(), Files.readString(file)));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return documents;
  }

  private static boolean wanted(Path folder, Path path) {
    if (path.equals(folder)) {
      return Files.isRegularFile(path);
    }
    for (Path part : folder.relativize(path)) {
      if (part.toString().startsWith(".")) {
        return false;
      }
    }
    String name = path.getFileName().toString();
    return (name.endsWith(".yaml") || name.endsWith(".yml")) && Files.isRegularFile(path);
  }

  /**
   * Notices changes from now on, and reads what there is: nothing is lost between the two.
   *
   * @return all texts; {@link #start} tells those after a change
   * @throws IOException when the folder is not there, or cannot be read or watched
   */
  public List<ConfigDocument> open() throws IOException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder + ": there is no such file or folder");
    }
    WatchService service = folder.getFileSystem().newWatchService();
    watcher = service;
    register(service);
    return read(folder);
  }

  /** Begins to tell changes since {@link #open}. */
  public void start() {
    WatchService service = Objects.requireNonNull(watcher, "start: open first");
    Thread watching = new Thread(() -> watch(service), "weft-watch " + folder);
    watching.setDaemon(true);
    thread = watching;
    watching.start();
  }

  private void register(WatchService service) throws IOException {
    watched.values().removeIf(key -> !key.isValid());
    Path root = Files.isDirectory(folder) ? folder : folder.toAbsolutePath().getParent();
    try (Stream<Path> all = Files.walk(root, MOST_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      for (Path path : all.filter(Files::isDirectory).toList()) {
        if (!watched.containsKey(path)) {
          watched.put(path, path.register(service, ALL));
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void watch(WatchService service) {
    try {
      while (true) {
        drain(service.take());
        settle(service);
        tell(service);
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      // closed: nobody listens any more
    }
  }

  private static void settle(WatchService service) throws InterruptedException {
    long latest = System.nanoTime() + LATEST_NANOS;
    while (System.nanoTime() < latest) {
      WatchKey more = service.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
      if (more == null) {
        return;
      }
      drain(more);
    }
  }

  private static void drain(WatchKey key) {
    key.pollEvents();
    key.reset();
  }

  private void tell(WatchService service) {
    List<ConfigDocument> documents;
    try {
      register(service);
      documents = read(folder);
    } catch (IOException e) {
      failed.accept(folder + " cannot be read: " + e.getMessage());
      return;
    }
    changed.accept(documents);
  }

  /** Ends the watching. */
  @Override
  public void close() {
    try {
      if (watcher != null) {
        watcher.close();
      }
      if (thread != null && thread != Thread.currentThread()) {
        thread.join(TimeUnit.SECONDS.toMillis(1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
