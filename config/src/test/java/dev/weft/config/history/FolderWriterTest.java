package dev.weft.config.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderWriterTest {

  @TempDir private Path folder;

  private Map<String, List<ConfigDocument>> unit(String... namesAndTexts) {
    List<ConfigDocument> documents = new ArrayList<>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      String file = folder.resolve(namesAndTexts[i]).toString();
      documents.add(new ConfigDocument("dir:" + folder, file, namesAndTexts[i + 1]));
    }
    return Map.of("dir:" + folder, documents);
  }

  private Path is(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void filesAreWhatTheyWereWithTheirPermissions() throws IOException {
    Path changed = is("changed.yaml", "new");
    Path same = is("same.yaml", "same");
    is("added.yaml", "added");
    is("README", "none of ours");
    Files.setPosixFilePermissions(changed, PosixFilePermissions.fromString("rw-r-----"));
    Object before = Files.getAttribute(same, "unix:ino");

    new FolderWriter(folder)
        .write(
            unit("changed.yaml", "new", "same.yaml", "same", "added.yaml", "added"),
            unit("changed.yaml", "old", "same.yaml", "same", "sub/removed.yaml", "removed"));

    assertThat(changed).hasContent("old");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(changed)))
        .isEqualTo("rw-r-----");
    assertThat(Files.getAttribute(same, "unix:ino")).isEqualTo(before);
    assertThat(folder.resolve("sub/removed.yaml")).hasContent("removed");
    assertThat(files()).containsExactly("README", "changed.yaml", "same.yaml", "sub");
  }

  @Test
  void whatSomebodyChangedMeanwhileIsLeftAlone() throws IOException {
    Path file = is("a.yaml", "another's");
    is("b.yaml", "new");

    assertThatThrownBy(
            () ->
                new FolderWriter(folder)
                    .write(
                        unit("b.yaml", "new", "a.yaml", "new"),
                        unit("b.yaml", "old", "a.yaml", "old")))
        .hasMessageContaining("a.yaml: it was changed meanwhile");
    assertThat(file).hasContent("another's");
    assertThat(folder.resolve("b.yaml")).hasContent("new");
    assertThat(files()).containsExactly("a.yaml", "b.yaml");
  }

  @Test
  void whatALinkLeadsToIsWritten() throws IOException {
    Path real = Files.writeString(Files.createTempFile("weft", ".txt"), "new");
    try {
      Files.createSymbolicLink(folder.resolve("a.yaml"), real);

      new FolderWriter(folder).write(unit("a.yaml", "new"), unit("a.yaml", "old"));

      assertThat(real).hasContent("old");
      assertThat(folder.resolve("a.yaml")).isSymbolicLink();
    } finally {
      Files.delete(real);
    }
  }

  @Test
  void nothingOutsideOfTheFolderIsTouched() {
    assertThatThrownBy(() -> new FolderWriter(folder).write(unit(), unit("../other.yaml", "text")))
        .hasMessageContaining("is not in " + folder);
    assertThat(folder.resolveSibling("other.yaml")).doesNotExist();
  }
}
