package dev.weft.routing.admin.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AssetsTest {

  private static final Pattern IMPORT = Pattern.compile("from '([^']+)'|import '([^']+)'");
  private static final Pattern FETCHED = Pattern.compile("(?:href|src)=\"([^\"#]+)\"");

  @Test
  void whatOthersWroteIsAsTheyWroteIt() throws Exception {
    Map<String, String> listed = new TreeMap<>();
    for (String line : text("vendor/SHA256SUMS").lines().toList()) {
      listed.put("vendor/" + line.substring(66), line.substring(0, 64));
    }
    Set<String> there = new TreeSet<>(files("vendor"));
    there.remove("vendor/SHA256SUMS");

    assertThat(listed.keySet()).isEqualTo(there);
    listed.forEach(
        (name, hash) ->
            assertThat(Assets.read(name).orElseThrow().hash()).as(name).isEqualTo(hash));
  }

  @Test
  void eachLibraryBringsItsLicence() throws Exception {
    Set<String> libraries =
        files("vendor").stream()
            .map(Path::of)
            .filter(file -> file.getNameCount() == 3)
            .map(file -> file.getName(1).toString())
            .collect(Collectors.toSet());

    assertThat(libraries).hasSize(5);
    for (String library : libraries) {
      assertThat(text("vendor/" + library + "/LICENSE")).contains("Permission is hereby granted");
    }
  }

  @Test
  void everyModuleThatIsImportedIsThere() throws Exception {
    Set<String> named = Set.of("preact", "preact/hooks", "@preact/signals", "@preact/signals-core");
    for (String file : files("js")) {
      Matcher imports = IMPORT.matcher(text(file));
      while (imports.find()) {
        String name = Objects.requireNonNullElse(imports.group(1), imports.group(2));
        if (named.contains(name)) {
          assertThat(text("index.html")).contains('"' + name + '"');
        } else {
          String found =
              Path.of(file).resolveSibling(name).normalize().toString().replace('\\', '/');
          assertThat(Assets.read(found)).as(file + " imports " + name).isPresent();
        }
      }
    }
  }

  @Test
  void thePageFetchesNothingFromElsewhere() {
    Matcher fetched = FETCHED.matcher(text("index.html"));
    Set<String> all = new HashSet<>();
    while (fetched.find()) {
      all.add(fetched.group(1));
      assertThat(Assets.read(fetched.group(1))).as(fetched.group(1)).isPresent();
    }
    assertThat(all).hasSizeGreaterThan(20);
  }

  @Test
  void nothingOfOursMakesMarkupOutOfText() throws Exception {
    for (String file : files("js")) {
      assertThat(text(file))
          .as(file)
          .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")
          .doesNotContain("dangerouslySetInnerHTML", "eval(", "new Function", "DOMParser");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "..",
        "../Assets.class",
        "js/../../x",
        "js//main.js",
        "js",
        "js/",
        ".hidden",
        "js/main.js/",
        "vendor/preact-11.2.0",
        "nothing.js",
        "js\\main.js"
      })
  void nothingElseIsReached(String name) {
    assertThat(Assets.read(name)).isEmpty();
  }

  @Test
  void thePolicyAllowsTheNamesOfModulesByTheirHash() {
    assertThat(Assets.policy())
        .startsWith("default-src 'none'; script-src 'self' 'sha256-")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
  }

  private static String text(String name) {
    return Assets.read(name).orElseThrow().bytes().toString();
  }

  private static List<String> files(String folder) throws IOException, URISyntaxException {
    Path root =
        Path.of(Objects.requireNonNull(AssetsTest.class.getResource(Assets.FOLDER)).toURI());
    try (Stream<Path> all = Files.walk(root.resolve(folder))) {
      return all.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .toList();
    }
  }
}
