package dev.weft.config.source;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a folder holds at one time, without the contents: one walk, links followed.
 *
 * @param files that count, in order
 * @param folders what it and all folders under it lead to
 * @param broken files that would count, were they no links that lead nowhere
 */
record FolderLook(Map<Path, FileState> files, Set<Path> folders, List<Path> broken) {

  private static final int MOST_DEPTH = 20;

  /**
   * @throws IOException when something under it cannot be looked at, or the folder vanishes
   */
  static FolderLook at(Path folder) throws IOException {
    Walk walk = new Walk(folder);
    Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), MOST_DEPTH, walk);
    return new FolderLook(walk.files, walk.folders, walk.broken);
  }

  private static final class Walk extends SimpleFileVisitor<Path> {

    private final Path from;
    private final Map<Path, FileState> files = new TreeMap<>();
    private final Set<Path> folders = new HashSet<>();
    private final List<Path> broken = new ArrayList<>();
    private int hidden; // folders around the one that is walked, itself included

    Walk(Path from) {
      this.from = from;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes is) throws IOException {
      folders.add(path.toRealPath());
      hidden += hides(path) ? 1 : 0;
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path path, IOException failure) throws IOException {
      hidden -= hides(path) ? 1 : 0;
      return super.postVisitDirectory(path, failure);
    }

    private boolean hides(Path path) {
      return !path.equals(from) && path.getFileName().toString().startsWith(".");
    }

    @Override
    public FileVisitResult visitFile(Path path, BasicFileAttributes is) throws IOException {
      if (!path.equals(from) && (hidden > 0 || !named(path))) {
        return FileVisitResult.CONTINUE;
      }
      if (is.isSymbolicLink()) {
        broken.add(path);
      } else if (is.isRegularFile()) {
        files.put(path, FileState.of(path, is));
      }
      return FileVisitResult.CONTINUE;
    }

    /** What vanished since its folder was listed is not there. */
    @Override
    public FileVisitResult visitFileFailed(Path path, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException && !path.equals(from)) {
        return FileVisitResult.CONTINUE;
      }
      return super.visitFileFailed(path, failure);
    }

    private static boolean named(Path path) {
      String name = path.getFileName().toString();
      return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml"));
    }
  }
}
