package dev.weft.config.source;

import dev.weft.config.ConfigDocument;
import dev.weft.config.yaml.Utf8;
import dev.weft.config.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The YAML of a folder as it was at one time: where the files are others after the reading than
 * they were before it (a link was swapped, one was written or vanished), it is read again, and
 * never told as a mixture.
 *
 * <p>An instance remembers what it read last: a file that is still the same is not read again, and
 * its text is the same object as before. One thread at a time.
 */
final class FolderFiles {

  private static final int MOST_TRIES = 5;
  private static final long MOST_BYTES = 200_000_000;

  private final Path folder;
  private final String unit;
  private Map<Path, Kept> kept = Map.of();

  /** Hears of the folders before their files are read. */
  interface Watching {
    /**
     * @param real paths of the folder and all under it
     * @return whether one of them is watched only from now on, so that it must be looked at again
     */
    boolean over(Set<Path> real) throws IOException;
  }

  /**
   * What a file was when it was read, or before.
   *
   * @param settled whether the same state means the same content
   */
  private record Kept(FileState state, boolean settled, int bytes, ConfigDocument document) {}

  /** The files were others each time that they were looked at. */
  static final class Unsteady extends IOException {
    private static final long serialVersionUID = 1;

    Unsteady(Path folder) {
      super(folder + ": its files change all the time (expected: a moment of rest)");
    }
  }

  FolderFiles(Path folder) {
    this.folder = folder;
    this.unit = "dir:" + folder;
  }

  /**
   * @throws Unsteady when it did not rest, so that another time may do
   * @throws IOException with one sentence, when it is not there or cannot be read
   */
  List<ConfigDocument> read(Watching watching) throws IOException {
    exists(folder);
    for (int i = 0; i < MOST_TRIES; i++) {
      try {
        Optional<List<ConfigDocument>> read = once(watching);
        if (read.isPresent()) {
          return read.get();
        }
      } catch (NoSuchFileException vanished) {
        if (!Files.exists(folder)) {
          throw told(vanished);
        }
      } catch (IOException failure) {
        throw told(failure);
      }
    }
    throw new Unsteady(folder);
  }

  /** Empty where something changed meanwhile. */
  private Optional<List<ConfigDocument>> once(Watching watching) throws IOException {
    FolderLook before = FolderLook.at(folder);
    if (watching.over(before.folders())) {
      return Optional.empty();
    }
    boolean broken = !before.broken().isEmpty();
    List<ConfigDocument> documents = broken ? List.of() : texts(before.files());
    if (!before.equals(FolderLook.at(folder))) {
      return Optional.empty();
    }
    if (broken) {
      String link = before.broken().get(0).toString();
      throw new IOException(link + ": it is gone, or a link that leads nowhere");
    }
    return Optional.of(documents);
  }

  /** Fails where it is not there. */
  static void exists(Path folder) throws NoSuchFileException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder + ": there is no such file or folder");
    }
  }

  private List<ConfigDocument> texts(Map<Path, FileState> files) throws IOException {
    long now = System.currentTimeMillis();
    Map<Path, Kept> read = new HashMap<>();
    List<ConfigDocument> documents = new ArrayList<>();
    long bytes = 0;
    for (Map.Entry<Path, FileState> file : files.entrySet()) {
      Kept one = text(file.getKey(), file.getValue(), now);
      bytes += one.bytes;
      if (bytes > MOST_BYTES) {
        throw new IOException(
            folder + ": its files are too large together (expected: at most 200 MB)");
      }
      read.put(file.getKey(), one);
      documents.add(one.document);
    }
    kept = read;
    return documents;
  }

  private Kept text(Path file, FileState state, long now) throws IOException {
    @Nullable Kept before = kept.get(file);
    if (before != null && before.settled && before.state.equals(state)) {
      return before;
    }
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(YamlReader.MOST_BYTES + 1); // one more is told as too large
    }
    ConfigDocument document = new ConfigDocument(unit, file.toString(), Utf8.decode(content));
    if (before != null && before.document.equals(document)) {
      document = before.document;
    }
    return new Kept(state, state.settled(now), content.length, document);
  }

  /** The same failure, said in a sentence. */
  private static IOException told(IOException failure) {
    String file = String.valueOf(failure.getMessage());
    if (failure instanceof NoSuchFileException) {
      return new NoSuchFileException(file + ": it is gone, or a link that leads nowhere");
    }
    if (failure instanceof AccessDeniedException) {
      return new IOException(file + ": permission denied", failure);
    }
    return failure instanceof FileSystemLoopException
        ? new IOException(file + ": a link that leads in a circle", failure)
        : failure;
  }
}
