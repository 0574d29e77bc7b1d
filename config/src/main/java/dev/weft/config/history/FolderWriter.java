package dev.weft.config.history;

import dev.weft.config.ConfigDocument;
import dev.weft.config.yaml.Utf8;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code dir:PATH} as it was: each file is replaced whole, all of them at nearly one time, with the
 * permissions that it had.
 */
public final class FolderWriter implements SourceWriter {

  private static final Set<PosixFilePermission> FIRST =
      PosixFilePermissions.fromString("rw-------");

  private final Path folder;

  /**
   * @param folder or single file
   */
  public FolderWriter(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /** A file that is to be written. */
  private record Draft(Path draft, Path file) {}

  @Override
  public void write(Map<String, List<ConfigDocument>> now, Map<String, List<ConfigDocument>> then)
      throws IOException {
    Map<Path, String> before = files(now);
    Map<Path, String> after = files(then);
    List<Draft> drafts = new ArrayList<>();
    try {
      for (Map.Entry<Path, String> one : after.entrySet()) {
        if (!one.getValue().equals(before.get(one.getKey()))) {
          unchanged(one.getKey(), before);
          drafts.add(draft(one.getKey(), one.getValue()));
        }
      }
      for (Path file : before.keySet()) {
        unchanged(file, before);
      }
      for (Draft draft : drafts) {
        Files.move(
            draft.draft,
            draft.file,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
      for (Path file : before.keySet()) {
        if (!after.containsKey(file)) {
          Files.delete(file);
        }
      }
    } catch (AccessDeniedException e) {
      throw new IOException(folder + ": permission denied", e);
    } finally {
      for (Draft draft : drafts) {
        Files.deleteIfExists(draft.draft);
      }
    }
  }

  private Map<Path, String> files(Map<String, List<ConfigDocument>> units) throws IOException {
    Map<Path, String> files = new HashMap<>();
    for (List<ConfigDocument> documents : units.values()) {
      for (ConfigDocument document : documents) {
        Path file = Path.of(document.name()).toAbsolutePath().normalize();
        if (!file.startsWith(folder)) {
          throw new IOException(file + " is not in " + folder);
        }
        files.put(file, document.text());
      }
    }
    return files;
  }

  /** Of a link, what it leads to is looked at, and written. */
  private static void unchanged(Path file, Map<Path, String> before) throws IOException {
    String wanted = before.get(file);
    String is;
    try {
      is = Utf8.decode(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      if (wanted == null) {
        return;
      }
      throw new IOException(file + ": it was removed meanwhile", e);
    }
    if (!is.equals(wanted)) {
      throw new IOException(file + ": it was changed meanwhile");
    }
  }

  private static Draft draft(Path file, String text) throws IOException {
    boolean there = Files.exists(file);
    Path real = there ? file.toRealPath() : file;
    Set<PosixFilePermission> permissions = there ? Files.getPosixFilePermissions(real) : FIRST;
    Path parent = real.getParent();
    Files.createDirectories(parent);
    Path draft =
        Files.createTempFile(
            parent,
            "." + file.getFileName(),
            ".draft",
            PosixFilePermissions.asFileAttribute(FIRST));
    Files.writeString(draft, text);
    Files.setPosixFilePermissions(draft, permissions);
    return new Draft(draft, real);
  }
}
