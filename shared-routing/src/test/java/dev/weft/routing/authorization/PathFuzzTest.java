package dev.weft.routing.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.weft.config.model.settings.PathHandling.Normalize;
import dev.weft.routing.listener.Paths;
import java.util.List;
import java.util.Optional;

/** Whatever path comes is normalised once and for all, and its readings are all that there are. */
final class PathFuzzTest {

  @FuzzTest(maxDuration = "10m")
  void aPathIsNormalAndItsReadingsAreClosed(byte[] bytes) {
    String path = path(bytes);
    for (Normalize how : Normalize.values()) {
      Paths.normalised(path, how).ifPresent(normal -> normal(normal, how));
    }
    Optional<String> kept = Paths.normalised(path, Normalize.NONE);
    kept.ifPresent(PathFuzzTest::read);
  }

  /** As it comes here: ASCII, and without what begins a query or a fragment. */
  private static String path(byte[] bytes) {
    StringBuilder path = new StringBuilder("/");
    for (byte one : bytes) {
      char c = (char) (one & 0x7f);
      path.append(c == '?' || c == '#' ? '/' : c);
    }
    return path.toString();
  }

  private static void normal(String path, Normalize how) {
    assertThat(path).startsWith("/");
    assertThat(Paths.normalised(path, how)).as("once more").contains(path);
    if (how != Normalize.NONE) {
      String plain = path.replace("%2e", ".").replace("%2E", ".");
      assertThat(plain + "/").doesNotContain("/../").doesNotContain("/./");
    }
    if (how == Normalize.MERGE_SLASHES) {
      assertThat(path).doesNotContain("//");
    }
  }

  private static void read(String path) {
    Optional<List<String>> readings = PathReadings.of(path);
    if (PathReadings.plain(path)) {
      assertThat(readings).as("of a plain path").contains(List.of(path));
    }
    for (String reading : readings.orElse(List.of())) {
      assertThat(reading).startsWith("/");
      PathReadings.of(reading)
          .ifPresent(all -> assertThat(readings.orElseThrow()).containsAll(all));
    }
  }
}
