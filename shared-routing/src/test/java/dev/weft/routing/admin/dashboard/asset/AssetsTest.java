package dev.weft.routing.admin.dashboard.asset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
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
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AssetsTest {

  private static final Pattern IMPORT = Pattern.compile("from '([^']+)'|import '([^']+)'");
  private static final Pattern LAZY =
      Pattern.compile("import\\(`([^`]+)`\\)|URL\\('([^']+)', import\\.meta\\.url");
  private static final Pattern FETCHED = Pattern.compile("(?:href|src)=\"([^\"#]+)\"");

  private final AssetFiles served = AssetFiles.all();

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
            assertThat(served.find(name).orElseThrow().hash()).as(name).isEqualTo(hash));
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
          assertThat(served.find(found)).as(file + " imports " + name).isPresent();
        }
      }
    }
  }

  @Test
  void everyFileThatAModuleFetchesLaterIsServed() throws Exception {
    int pages = 0;
    for (String file : files("js")) {
      assertThat(served.find(file)).as(file).isPresent(); // the page names it
      Matcher lazy = LAZY.matcher(text(file));
      while (lazy.find()) {
        pages++;
      }
    }
    assertThat(pages).isEqualTo(3); // pages, the worker, the library of charts
  }

  /** Relative names within a module stay within the folder of its version. */
  @Test
  void allButThePageIsKeptForGoodUnderItsVersion() {
    String page = served.find("index.html").orElseThrow().bytes().toString();

    assertThat(served.version()).matches("[0-9a-f]{16}");
    assertThat(page).doesNotContain("\"@/", "\"./@/");
    Matcher fetched = FETCHED.matcher(page);
    while (fetched.find()) {
      assertThat(fetched.group(1)).startsWith(served.version() + "/");
    }
    assertThat(page).contains("\"./" + served.version() + "/vendor/preact");
  }

  @Test
  void aFileIsSmallerWhereItIsCompressed() throws Exception {
    AssetFiles.Asset script = served.find("js/main.js").orElseThrow();

    assertThat(script.zipped().length()).isLessThan(script.bytes().length() / 2);
    try (GZIPInputStream zipped =
        new GZIPInputStream(new ByteArrayInputStream(script.zipped().getBytes()))) {
      assertThat(zipped.readAllBytes()).isEqualTo(script.bytes().getBytes());
    }
  }

  @Test
  void thePageFetchesNothingFromElsewhere() {
    Matcher fetched = FETCHED.matcher(served.find("index.html").orElseThrow().bytes().toString());
    Set<String> all = new HashSet<>();
    while (fetched.find()) {
      String name = fetched.group(1).substring(served.version().length() + 1);
      all.add(name);
      assertThat(served.find(name)).as(name).isPresent();
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
    assertThat(served.find(name)).isEmpty();
  }

  @Test
  void thePolicyAllowsTheNamesOfModulesByTheirHash() {
    assertThat(served.policy())
        .startsWith("default-src 'none'; script-src 'self' 'sha256-")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
  }

  private static String text(String name) throws IOException {
    try (InputStream file = AssetsTest.class.getResourceAsStream(AssetFiles.FOLDER + name)) {
      return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static List<String> files(String folder) throws IOException, URISyntaxException {
    Path root =
        Path.of(Objects.requireNonNull(AssetsTest.class.getResource(AssetFiles.FOLDER)).toURI());
    try (Stream<Path> all = Files.walk(root.resolve(folder))) {
      return all.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .toList();
    }
  }
}
