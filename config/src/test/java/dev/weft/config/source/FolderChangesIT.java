package dev.weft.config.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders as editors, deployments and accidents leave them. */
final class FolderChangesIT {

  private static final int PATIENCE_SECONDS = 15;

  @TempDir private Path parent;

  private final BlockingQueue<List<ConfigDocument>> told = new LinkedBlockingQueue<>();
  private final List<DirectorySource> open = new ArrayList<>();
  private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();

  @Test
  void aFolderThatIsDeletedKeepsWhatWasToldUntilItIsBack() throws Exception {
    Path folder = Files.createDirectories(parent.resolve("routes"));
    Files.writeString(folder.resolve("a.yaml"), "one");
    opened(folder);
    Path aside = Files.move(folder, parent.resolve("aside"));

    assertThat(failures.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .isEqualTo(folder + ": there is no such file or folder");
    Files.writeString(aside.resolve("a.yaml"), "two");
    Files.move(aside, folder);

    assertThat(next()).containsExactly("two");
    Files.writeString(folder.resolve("a.yaml"), "three");
    assertThat(next()).containsExactly("three");
  }

  @Test
  void theSwapOfALinkThatTheFolderIsCountsAndSoDoesWhatIsWrittenThen() throws Exception {
    Path first = release("first", "one");
    Path second = release("second", "two");
    Path folder = Files.createSymbolicLink(parent.resolve("current"), first);
    opened(folder);
    Path link = Files.createSymbolicLink(parent.resolve("next"), second);
    Files.move(link, folder, StandardCopyOption.ATOMIC_MOVE);
    assertThat(next()).containsExactly("two");

    Files.writeString(second.resolve("a.yaml"), "three");

    assertThat(next()).containsExactly("three");
  }

  @Test
  void anEditorThatReplacesTheFileIsNoticed() throws Exception {
    Path folder = release("routes", "one");
    opened(folder);
    Path draft = Files.writeString(folder.resolve(".a.yaml.swp"), "two");
    Files.move(draft, folder.resolve("a.yaml"), StandardCopyOption.ATOMIC_MOVE);

    assertThat(next()).containsExactly("two");
  }

  @Test
  void aSingleFileIsWatchedAndItsNeighboursAreNot() throws Exception {
    Path folder = release("routes", "one");
    opened(folder.resolve("a.yaml"));
    Files.writeString(folder.resolve("other.yaml"), "other");
    Files.writeString(folder.resolve("a.yaml"), "two");

    assertThat(next()).containsExactly("two");
  }

  @Test
  void whatDoesNotChangeAnythingIsNotTold() throws Exception {
    Path folder = release("routes", "one");
    opened(folder);
    Files.writeString(folder.resolve("readme.txt"), "no");
    Files.writeString(folder.resolve("a.yaml"), "one");
    Files.writeString(folder.resolve("b.yaml"), "two");

    assertThat(next()).containsExactly("one", "two");
    assertThat(told).isEmpty();
  }

  @Test
  void filesThatAreChangedAllTheTimeAreReadWhole() throws Exception {
    Path folder = release("routes", "one");
    Thread busy =
        new Thread(
            () -> {
              for (int i = 0; i < 200; i++) {
                replace(folder, i);
              }
            });
    opened(folder);
    busy.start();
    busy.join();
    Files.writeString(folder.resolve("a.yaml"), "last");

    List<String> texts = next();
    while (!texts.get(0).equals("last")) {
      whole(texts);
      texts = next();
    }
    assertThat(texts).containsExactly("last");
    assertThat(failures).isEmpty();
  }

  /** Beside y7 there is x8, or nothing; a file that was just made is empty. */
  private static void whole(List<String> texts) {
    String first = texts.get(0);
    int before = first.equals("one") ? -1 : Integer.parseInt(first.substring(1));
    List<String> others = texts.subList(1, texts.size());
    assertThat(
            others.isEmpty()
                || others.equals(List.of(""))
                || others.equals(List.of("x" + (before + 1))))
        .as("%s", texts)
        .isTrue();
  }

  private static void replace(Path folder, int number) {
    try {
      Files.writeString(folder.resolve("x.yaml"), "x" + number);
      Files.deleteIfExists(folder.resolve("x.yaml"));
      Path draft = Files.writeString(folder.resolve(".draft"), "y" + number);
      Files.move(draft, folder.resolve("a.yaml"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void bytesThatAreNoUtf8AreToldWithTheirPlace() throws IOException {
    Path folder = release("routes", "a: b\n");
    Files.write(folder.resolve("b.yaml"), new byte[] {'a', '\n', '#', (byte) 0xE9});
    Files.write(folder.resolve("c.yaml"), new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF, 'c'});

    List<ConfigDocument> documents = DirectorySource.read(folder);

    assertThat(documents.get(2).text()).isEqualTo("c");
    assertThat(ConfigLoader.load(documents).problems().stream().map(Object::toString))
        .anyMatch(
            text ->
                text.equals(
                    folder.resolve("b.yaml")
                        + ":2:2: error: byte 0xE9 is no UTF-8\n  hint: save the file as UTF-8"));
  }

  @Test
  void aFileThatIsTooLargeIsNotReadWhole() throws IOException {
    Path folder = release("routes", " ".repeat(YamlReader.MOST_BYTES + 100));

    List<ConfigDocument> documents = DirectorySource.read(folder);

    assertThat(documents.get(0).text()).hasSize(YamlReader.MOST_BYTES + 1);
    assertThat(ConfigLoader.load(documents).problems().toString())
        .contains("too large (expected: at most 10000000 bytes)");
  }

  @Test
  void linksThatLeadNowhereOrInACircleAreSaid() throws IOException {
    Path folder = release("routes", "one");
    Path broken = Files.createSymbolicLink(folder.resolve("b.yaml"), Path.of("nothing"));
    assertThatThrownBy(() -> DirectorySource.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(broken + ": it is gone, or a link that leads nowhere");

    Files.delete(broken);
    Path circle = Files.createSymbolicLink(folder.resolve("c"), folder);
    assertThatThrownBy(() -> DirectorySource.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(circle + ": a link that leads in a circle");
  }

  private Path release(String name, String text) throws IOException {
    Path folder = Files.createDirectories(parent.resolve(name));
    Files.writeString(folder.resolve("a.yaml"), text);
    return folder;
  }

  @AfterEach
  void close() {
    open.forEach(DirectorySource::close);
  }

  private void opened(Path folder) throws IOException {
    DirectorySource source = new DirectorySource(folder, told::add, failures::add);
    open.add(source);
    source.open();
    source.start();
  }

  private List<String> next() throws InterruptedException {
    List<ConfigDocument> documents = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(documents).as("told in time; failures: %s", failures).isNotNull();
    return documents.stream().map(ConfigDocument::text).toList();
  }
}
