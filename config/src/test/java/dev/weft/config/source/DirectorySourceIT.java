package dev.weft.config.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over real folders, as people and Kubernetes change them. */
final class DirectorySourceIT {

  private static final int PATIENCE_SECONDS = 15;

  @TempDir private Path folder;

  private final BlockingQueue<List<ConfigDocument>> told = new LinkedBlockingQueue<>();
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
    mounted("..first", "one", "uno");
    try (DirectorySource source = source()) {
      assertThat(source.open()).extracting(ConfigDocument::text).containsExactly("one", "uno");
      source.start();

      mounted("..second", "two", "dos");
      until("two");
      delete("..first");
      mounted("..third", "three", "tres");

      until("three");
      for (List<ConfigDocument> each : told) {
        assertThat(each).extracting(ConfigDocument::text).containsExactly("three", "tres");
      }
    }
    assertThat(failures).isEmpty();
  }

  /** As the kubelet does it: a new folder, then one rename of the link that all files go by. */
  private void mounted(String version, String first, String second) throws IOException {
    Path data = Files.createDirectory(folder.resolve(version));
    Files.writeString(data.resolve("a.yaml"), first);
    Files.writeString(data.resolve("b.yaml"), second);
    Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of(version));
    Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    for (String name : List.of("a.yaml", "b.yaml")) {
      if (Files.notExists(folder.resolve(name))) {
        Files.createSymbolicLink(folder.resolve(name), Path.of("..data", name));
      }
    }
  }

  private void delete(String version) throws IOException {
    Files.delete(folder.resolve(version + "/a.yaml"));
    Files.delete(folder.resolve(version + "/b.yaml"));
    Files.delete(folder.resolve(version));
  }

  private DirectorySource source() {
    return new DirectorySource(folder, told::add, failures::add);
  }

  /** Waits for a telling that begins with {@code text}. */
  private void until(String text) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end) {
      List<ConfigDocument> next = told.poll(1, TimeUnit.SECONDS);
      if (next != null && !next.isEmpty() && next.get(0).text().equals(text)) {
        return;
      }
    }
    throw new AssertionError("never told: " + text);
  }
}
