package dev.weft.config.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over real folders, as people and Kubernetes change them. */
final class DirectorySourceIT {

  private static final int PATIENCE_SECONDS = 15;
  private static final int FILES = 20;
  private static final int ALONE = 5; // swaps that are waited for
  private static final int SWAPS = 100;

  @TempDir private Path folder;

  private final BlockingQueue<List<ConfigDocument>> told = new LinkedBlockingQueue<>();
  private final List<List<String>> heard = new ArrayList<>(); // all that was told, in order
  private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();

  @Test
  void yamlFilesOfAllFoldersAreOneUnitInOrder() throws IOException {
    Files.createDirectories(folder.resolve("b/.hidden"));
    Files.writeString(folder.resolve("b/2.yml"), "two");
    Files.writeString(folder.resolve("a.yaml"), "one");
    Files.writeString(folder.resolve("readme.txt"), "no");
    Files.writeString(folder.resolve(".a.yaml.swp"), "no");
    Files.writeString(folder.resolve("b/.hidden/c.yaml"), "no");

    List<ConfigDocument> all = DirectorySource.read(folder);

    assertThat(all).extracting(ConfigDocument::text).containsExactly("one", "two");
    assertThat(all).extracting(ConfigDocument::unit).containsOnly("dir:" + folder);
  }

  @Test
  void whatIsNotThereIsSaid() {
    assertThatThrownBy(() -> DirectorySource.read(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("there is no such file or folder");
  }

  @Test
  void aChangeBetweenReadingAndWatchingIsTold() throws Exception {
    try (DirectorySource source = source()) {
      assertThat(source.open()).isEmpty();
      Files.writeString(folder.resolve("a.yaml"), "one");
      source.start();

      until("one");
    }
  }

  @Test
  void aFolderThatIsNotThereIsToldOnceItIs() throws Exception {
    Path absent = folder.resolve("absent");
    try (DirectorySource source = new DirectorySource(absent, told::add, failures::add)) {
      assertThatThrownBy(source::open).isInstanceOf(NoSuchFileException.class);
      source.startWithout();

      Files.createDirectories(absent);
      Files.writeString(absent.resolve("a.yaml"), "one");
      until("one");
      Files.writeString(absent.resolve("a.yaml"), "two");

      until("two");
    }
  }

  @Test
  void aFolderThatIsMadeLaterIsWatchedToo() throws Exception {
    try (DirectorySource source = source()) {
      source.open();
      source.start();

      Files.createDirectories(folder.resolve("later"));
      Files.writeString(folder.resolve("later/a.yaml"), "one");
      until("one");
      Files.writeString(folder.resolve("later/a.yaml"), "two");

      until("two");
    }
  }

  @Test
  void theSwapOfAMountedConfigMapIsOneChange() throws Exception {
    mounted(0);
    try (DirectorySource source = source()) {
      assertThat(source.open())
          .extracting(ConfigDocument::text)
          .containsExactlyElementsOf(texts(0));
      source.start();

      for (int version = 1; version <= ALONE; version++) {
        mounted(version);
        until(version);
        delete(version - 1);
      }
      for (int version = ALONE + 1; version <= SWAPS; version++) { // while the source reads
        mounted(version);
        delete(version - 1);
      }
      until(SWAPS);
    }

    assertThat(failures).isEmpty();
    assertThat(heard).hasSizeGreaterThan(ALONE);
    for (List<String> each : heard) {
      int version = Integer.parseInt(each.get(0).split(" ", -1)[1]);
      assertThat(each).containsExactlyElementsOf(texts(version));
    }
  }

  @Test
  void theTextOfBeforeIsToldAgainOnceItWasRolledBack() throws Exception {
    Path file = Files.writeString(folder.resolve("a.yaml"), "new");
    try (DirectorySource source = source()) {
      List<ConfigDocument> served = source.open();
      source.start();

      source.writer().write(Map.of("a", served), Map.of("a", List.of(with(served, "old"))));
      Files.writeString(file, "new"); // before the folder rests

      until("new");
    }
  }

  private static ConfigDocument with(List<ConfigDocument> served, String text) {
    return new ConfigDocument(served.get(0).unit(), served.get(0).name(), text);
  }

  private static List<String> texts(int version) {
    return IntStream.range(0, FILES).mapToObj(file -> file + " " + version).toList();
  }

  /** As the kubelet does it: a new folder, then one rename of the link that all files go by. */
  private void mounted(int version) throws IOException {
    Path data = Files.createDirectory(folder.resolve(".." + version));
    List<String> texts = texts(version);
    for (int file = 0; file < FILES; file++) {
      Files.writeString(data.resolve(name(file)), texts.get(file));
    }
    Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), data.getFileName());
    Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    for (int file = 0; version == 0 && file < FILES; file++) {
      Files.createSymbolicLink(folder.resolve(name(file)), Path.of("..data", name(file)));
    }
  }

  private static String name(int file) {
    return "%02d.yaml".formatted(file);
  }

  private void delete(int version) throws IOException {
    for (int file = 0; file < FILES; file++) {
      Files.delete(folder.resolve(".." + version).resolve(name(file)));
    }
    Files.delete(folder.resolve(".." + version));
  }

  private DirectorySource source() {
    return new DirectorySource(folder, told::add, failures::add);
  }

  private void until(int version) throws InterruptedException {
    until(texts(version).get(0));
  }

  /** Waits for a telling that begins with {@code text}; keeps all of them. */
  private void until(String text) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end) {
      List<ConfigDocument> next = told.poll(1, TimeUnit.SECONDS);
      if (next != null) {
        heard.add(next.stream().map(ConfigDocument::text).toList());
        if (!next.isEmpty() && next.get(0).text().equals(text)) {
          return;
        }
      }
    }
    throw new AssertionError("never told: " + text + ", but " + heard);
  }
}
