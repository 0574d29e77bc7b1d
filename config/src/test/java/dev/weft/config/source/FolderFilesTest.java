package dev.weft.config.source;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read again, and what is known to be the same. */
final class FolderFilesTest {

  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));

  @TempDir private Path folder;

  private final List<Set<Path>> watched = new ArrayList<>();
  private FolderFiles files;

  @BeforeEach
  void fill() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), "one");
    Files.writeString(folder.resolve("b.yaml"), "two");
    files = new FolderFiles(folder);
  }

  @Test
  void whatIsTheSameIsTheSameObject() throws IOException {
    ConfigDocument before = read().get(1);
    Files.writeString(folder.resolve("a.yaml"), "ONE");

    List<ConfigDocument> after = read();

    assertThat(after).extracting(ConfigDocument::text).containsExactly("ONE", "two");
    assertThat(after.get(1)).isSameAs(before);
  }

  @Test
  void aWritingOfTheSameLengthThatHidesItsTimeIsSeen() throws IOException {
    Path file = folder.resolve("a.yaml");
    Files.setLastModifiedTime(file, LONG_AGO);
    read();
    Files.writeString(file, "ONE");
    Files.setLastModifiedTime(file, LONG_AGO);

    assertThat(texts()).containsExactly("ONE", "two");
  }

  @Test
  void anotherFileOfTheSameLengthAndTimeIsSeen() throws IOException {
    Path file = folder.resolve("a.yaml");
    Files.setLastModifiedTime(file, LONG_AGO);
    read();
    Path draft = Files.writeString(folder.resolve(".draft"), "ONE");
    Files.setLastModifiedTime(draft, LONG_AGO);
    Files.delete(file);
    Files.move(draft, file);

    assertThat(texts()).containsExactly("ONE", "two");
  }

  @Test
  void aFileOfLateIsReadAgainHoweverItLooks() throws IOException {
    FileState state = state();
    long written = state.changed().toMillis();

    assertThat(state.settled(written)).isFalse();
    assertThat(state.settled(written + 2_000)).isFalse();
    assertThat(state.settled(written - 60_000)).as("a clock that was set back").isFalse();
    assertThat(state.settled(written + 60_000)).isTrue();
  }

  @Test
  void aTimeOfWritingThatWasSetDoesNotSettleAFile() throws IOException {
    Files.setLastModifiedTime(folder.resolve("a.yaml"), LONG_AGO);

    assertThat(state().settled(state().changed().toMillis() + 1)).isFalse();
  }

  private FileState state() throws IOException {
    FileState state = FolderLook.at(folder).files().get(folder.resolve("a.yaml"));
    assertThat(state).isNotNull();
    return state;
  }

  @Test
  void aFolderThatIsWatchedOnlyNowIsLookedAtAgain() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Files.writeString(inner.resolve("c.yaml"), "three");

    List<ConfigDocument> read =
        files.read(
            real -> {
              boolean more = watched.isEmpty();
              watched.add(real);
              if (more) {
                Files.writeString(inner.resolve("c.yaml"), "THREE");
              }
              return more;
            });

    assertThat(read.get(2).text()).isEqualTo("THREE");
    assertThat(watched).hasSize(2);
    assertThat(watched.get(1)).containsExactlyInAnyOrder(folder.toRealPath(), inner.toRealPath());
  }

  @Test
  void foldersAreWatchedWhereAFileCannotBeReadToo() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Files.createSymbolicLink(inner.resolve("c.yaml"), Path.of("..data/c.yaml"));

    assertThat(failure()).endsWith("c.yaml: it is gone, or a link that leads nowhere");
    assertThat(watched.get(0)).contains(inner.toRealPath());
  }

  private String failure() {
    try {
      return "no failure: " + read();
    } catch (IOException expected) {
      return String.valueOf(expected.getMessage());
    }
  }

  @Test
  void whatIsChangedWhileItIsReadIsReadAgain() throws IOException {
    read();
    boolean[] once = {true};

    List<ConfigDocument> read =
        files.read(
            real -> {
              if (once[0]) {
                once[0] = false;
                Path draft = Files.writeString(folder.resolve(".draft"), "TWO");
                Files.move(draft, folder.resolve("c.yaml"));
                Files.delete(folder.resolve("b.yaml"));
              }
              return false;
            });

    assertThat(read).extracting(ConfigDocument::text).containsExactly("one", "TWO");
  }

  @Test
  void aFolderWithoutRestIsNeverToldAsAMixture() throws IOException {
    int[] round = {0};

    assertThatThrownBy(
            () ->
                files.read(
                    real -> {
                      Path draft = Files.writeString(folder.resolve(".draft"), "" + round[0]++);
                      Files.move(draft, folder.resolve("a.yaml"), REPLACE_EXISTING);
                      return false;
                    }))
        .isInstanceOf(FolderFiles.Unsteady.class)
        .hasMessage(folder + ": its files change all the time (expected: a moment of rest)");

    assertThat(texts()).containsExactly("" + (round[0] - 1), "two");
  }

  private List<ConfigDocument> read() throws IOException {
    return files.read(
        real -> {
          watched.add(real);
          return false;
        });
  }

  private List<String> texts() throws IOException {
    return read().stream().map(ConfigDocument::text).toList();
  }
}
