package dev.weft.config.source;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.FolderWriter;
import dev.weft.config.history.SourceWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code dir:PATH}: every {@code *.yaml} and {@code *.yml} under a folder, as one unit, read anew
 * after each change. Names that begin with a dot are passed over, and so are Kubernetes' own
 * folders of a mounted ConfigMap, whose {@code ..data} swap is noticed all the same; so is the swap
 * of a link that the folder itself is.
 *
 * <p>A change is told after 10 ms of quiet, and at the latest 100 ms after it began, so that files
 * that change together are one change; a file that is empty where it was not before has as long to
 * be filled. A folder that is deleted leaves what was told, until it is there again; so does one
 * whose files change without rest: what is told was there at one time, all of it.
 *
 * <p>One daemon thread watches; the listener is called on it.
 */
public final class DirectorySource implements AutoCloseable {

  private static final long QUIET_MILLIS = 10;
  private static final long LATEST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long UNREST_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long LOOK_MILLIS = 500; // for a folder that is gone or does not rest
  private static final WatchEvent.Kind<?>[] ALL = {
    StandardWatchEventKinds.ENTRY_CREATE,
    StandardWatchEventKinds.ENTRY_MODIFY,
    StandardWatchEventKinds.ENTRY_DELETE
  };

  private final Path folder;
  private final FolderFiles files;
  private final Consumer<List<ConfigDocument>> changed;
  private final Consumer<String> failed;
  private final Map<Path, WatchKey> inside = new HashMap<>(); // by what a path leads to
  private final Told told = new Told();
  private boolean gone; // or without rest: it is looked at now and then
  private @Nullable WatchKey around; // the folder that the folder stands in
  private @Nullable WatchService watcher;
  private @Nullable Thread thread;

  /**
   * @param changed gets all texts after each change
   * @param failed gets one sentence when the folder cannot be read; what was read before stays
   */
  public DirectorySource(
      Path folder, Consumer<List<ConfigDocument>> changed, Consumer<String> failed) {
    this.folder = folder;
    this.files = new FolderFiles(folder);
    this.changed = changed;
    this.failed = failed;
  }

  /**
   * Reads the folder once; a single file stands for a folder with that file.
   *
   * @throws IOException when it is not there or cannot be read
   */
  public static List<ConfigDocument> read(Path folder) throws IOException {
    return new FolderFiles(folder).read(real -> false);
  }

  /**
   * Notices changes from now on, and reads what there is: nothing is lost between the two.
   *
   * @return all texts; {@link #start} tells those after a change
   * @throws IOException when the folder is not there, or cannot be read or watched
   */
  public List<ConfigDocument> open() throws IOException {
    FolderFiles.exists(folder);
    WatchService service = folder.getFileSystem().newWatchService();
    watcher = service;
    List<ConfigDocument> documents = read(service);
    told.tell(documents, first -> {});
    return documents;
  }

  /**
   * Begins to wait for a folder that could not be opened, and tells what it holds once it can be.
   *
   * @throws IOException when nothing can be watched here
   */
  public void startWithout() throws IOException {
    if (watcher == null) {
      watcher = folder.getFileSystem().newWatchService();
    }
    gone = true;
    told.untold(); // whatever is read first is told
    start();
  }

  /** Begins to tell changes since {@link #open}. */
  public void start() {
    WatchService service = Objects.requireNonNull(watcher, "start: open first");
    Thread watching = new Thread(() -> watch(service), "weft-watch " + folder);
    watching.setDaemon(true);
    thread = watching;
    watching.start();
  }

  /**
   * Writes the folder, for who listens and serves what was written: it is not told of that, but of
   * whatever comes after, and where it cannot be written of what the next reading finds.
   */
  public SourceWriter writer() {
    return (now, then) -> {
      told.writing();
      boolean done = false;
      try {
        new FolderWriter(folder).write(now, then);
        done = true;
      } finally {
        if (done) {
          told.written(then.values().stream().flatMap(List::stream).toList());
        } else {
          told.notWritten();
        }
      }
    };
  }

  private List<ConfigDocument> read(WatchService service) throws IOException {
    told.reading();
    return files.read(real -> register(service, real));
  }

  /** Watches these folders and no others; returns whether one was not watched before. */
  private boolean register(WatchService service, Set<Path> folders) throws IOException {
    Path place = folder.toAbsolutePath().normalize();
    Path parent = place.getParent();
    Set<Path> wanted = new HashSet<>(folders);
    boolean single = folders.isEmpty();
    around = single || parent == null ? null : parent.register(service, ALL);
    if (single) {
      wanted.add(place.toRealPath().getParent());
      wanted.add(parent);
    }
    inside.entrySet().removeIf(one -> !one.getValue().isValid() || left(one, wanted));
    boolean more = !inside.keySet().containsAll(wanted);
    for (Path path : wanted) {
      if (!inside.containsKey(path)) {
        inside.put(path, path.register(service, ALL));
      }
    }
    return more;
  }

  private boolean left(Map.Entry<Path, WatchKey> one, Set<Path> wanted) {
    boolean left = !wanted.contains(one.getKey());
    if (left && !one.getValue().equals(around)) {
      one.getValue().cancel();
    }
    return left;
  }

  private void watch(WatchService service) {
    try {
      while (true) {
        WatchKey key = gone ? service.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS) : service.take();
        boolean due = key == null ? Files.exists(folder) : concerned(key);
        if (due) {
          settle(service);
          tell(service);
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      // closed: nobody listens any more
    }
  }

  /** Whether the events of a key may have changed what the folder holds; takes them. */
  private boolean concerned(WatchKey key) {
    List<WatchEvent<?>> events = key.pollEvents();
    key.reset();
    if (!key.equals(around) || inside.containsValue(key)) {
      return true;
    }
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return events.stream()
        .anyMatch(event -> event.context() == null || name.equals(event.context()));
  }

  private void settle(WatchService service) throws InterruptedException {
    long latest = System.nanoTime() + LATEST_NANOS;
    while (System.nanoTime() < latest) {
      WatchKey more = service.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
      if (more == null) {
        return;
      }
      concerned(more);
    }
  }

  private void tell(WatchService service) throws InterruptedException {
    try {
      while (!told.tell(filled(service), changed)) {
        settle(service); // it is being written
      }
      gone = false;
    } catch (IOException e) {
      boolean unsteady = e instanceof FolderFiles.Unsteady; // the last event may be gone by
      gone = unsteady || !Files.exists(folder) || inside.isEmpty();
      failed.accept(e.getMessage());
    }
  }

  private List<ConfigDocument> filled(WatchService service)
      throws IOException, InterruptedException {
    List<ConfigDocument> documents = rested(service);
    long latest = System.nanoTime() + LATEST_NANOS;
    while (emptied(documents) && System.nanoTime() < latest) {
      settle(service);
      documents = rested(service);
    }
    return documents;
  }

  /** As {@link #read}; a folder in which files change one after the other has time to rest. */
  private List<ConfigDocument> rested(WatchService service)
      throws IOException, InterruptedException {
    long latest = System.nanoTime() + UNREST_NANOS;
    while (true) {
      try {
        return read(service);
      } catch (FolderFiles.Unsteady e) {
        if (System.nanoTime() >= latest) {
          throw e;
        }
        settle(service);
      }
    }
  }

  /** Whether a file is empty that was not when it was told: somebody may be about to fill it. */
  private boolean emptied(List<ConfigDocument> documents) {
    Set<String> empty =
        documents.stream()
            .filter(document -> document.text().isEmpty())
            .map(ConfigDocument::name)
            .collect(Collectors.toSet());
    return !empty.isEmpty()
        && told.last().stream()
            .anyMatch(before -> !before.text().isEmpty() && empty.contains(before.name()));
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
