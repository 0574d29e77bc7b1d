package dev.weft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the loader must tell of files; of what stands in a ConfigMap its own tests tell. */
final class GoldenCases {

  private static final Path FOLDER = Launched.HOME.resolve("config/src/test/resources/golden");
  private static final String CONFIG_MAP = "# within: ";

  private GoldenCases() {}

  /** Those that stand in folders, by name. */
  static List<Path> inFolders() throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.list(FOLDER)) {
      all = files.sorted().toList();
    }
    return all.stream().filter(GoldenCases::inFolder).toList();
  }

  private static boolean inFolder(Path file) {
    return !CheckCommandTest.read(file).startsWith(CONFIG_MAP);
  }
}
