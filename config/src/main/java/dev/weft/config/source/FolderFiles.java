package dev.weft.config.source;

import dev.weft.config.ConfigDocument;
import dev.weft.config.yaml.Utf8;
import dev.weft.config.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The YAML of a folder as it was at one time: where the files are others after the reading than
 * they were before it (a link was swapped, one vanished), it is read again.
 */
final class FolderFiles {

  private static final int MOST_DEPTH = 20;
  private static final int MOST_TRIES = 5;
  private static final long MOST_BYTES = 200_000_000;

  private FolderFiles() {}

  /**
   * @throws IOException with one sentence, when it is not there or cannot be read
   */
  static List<ConfigDocument> read(Path folder) throws IOException {
    exists(folder);
    for (int i = 1; ; i++) {
      try {
        Map<Path, Path> before = files(folder);
        List<ConfigDocument> documents = texts(folder, before.keySet());
        if (i == MOST_TRIES || before.equals(files(folder))) {
          return documents;
        }
      } catch (NoSuchFileException vanished) {
        if (i == MOST_TRIES || !Files.exists(folder)) {
          throw told(vanished);
        }
      } catch (IOException failure) {
        throw told(failure);
      }
    }
  }

  /** Fails where it is not there. */
  static void exists(Path folder) throws NoSuchFileException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder + ": there is no such file or folder");
    }
  }

  /** What all folders under {@code folder}, itself included, lead to. */
  static Set<Path> folders(Path folder) throws IOException {
    Set<Path> folders = new HashSet<>();
    try (Stream<Path> all = Files.walk(folder, MOST_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      for (Path path : all.filter(Files::isDirectory).toList()) {
        folders.add(path.toRealPath());
      }
    } catch (UncheckedIOException e) {
      throw told(Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw told(e);
    }
    return folders;
  }

  /** The files that count, in order, and what each leads to. */
  private static Map<Path, Path> files(Path folder) throws IOException {
    Map<Path, Path> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder, MOST_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      for (Path path : all.filter(path -> named(folder, path)).toList()) {
        if (!Files.isDirectory(path)) {
          files.put(path, path.toRealPath()); // fails where a link leads nowhere
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    files.values().removeIf(real -> !Files.isRegularFile(real) && Files.exists(real));
    return files;
  }

  private static boolean named(Path folder, Path path) {
    if (path.equals(folder)) {
      return true;
    }
    for (Path part : folder.relativize(path)) {
      if (part.toString().startsWith(".")) {
        return false;
      }
    }
    String name = path.getFileName().toString();
    return name.endsWith(".yaml") || name.endsWith(".yml");
  }

  private static List<ConfigDocument> texts(Path folder, Set<Path> files) throws IOException {
    List<ConfigDocument> documents = new ArrayList<>();
    String unit = "dir:" + folder;
    long bytes = 0;
    for (Path file : files) {
      byte[] content;
      try (InputStream in = Files.newInputStream(file)) {
        content = in.readNBytes(YamlReader.MOST_BYTES + 1); // one more is told as too large
      }
      bytes += content.length;
      if (bytes > MOST_BYTES) {
        throw new IOException(
            folder + ": its files are too large together (expected: at most 200 MB)");
      }
      documents.add(new ConfigDocument(unit, file.toString(), Utf8.decode(content)));
    }
    return documents;
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
