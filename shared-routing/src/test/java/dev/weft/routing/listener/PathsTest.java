package dev.weft.routing.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.PathHandling.Normalize;
import org.junit.jupiter.api.Test;

final class PathsTest {

  @Test
  void dotSegmentsAreRemoved() {
    assertThat(Paths.normalised("/a/../b", Normalize.BASE)).contains("/b");
    assertThat(Paths.normalised("/a/./b/", Normalize.BASE)).contains("/a/b/");
    assertThat(Paths.normalised("/../../x", Normalize.BASE)).contains("/x");
    assertThat(Paths.normalised("/a/%2e%2E/b", Normalize.BASE)).contains("/b");
    assertThat(Paths.normalised("/a/..", Normalize.BASE)).contains("/");
  }

  @Test
  void whatOnlyLooksLikeDotsStays() {
    assertThat(Paths.normalised("/a/.../b", Normalize.BASE)).contains("/a/.../b");
    assertThat(Paths.normalised("/.well-known/x", Normalize.BASE)).contains("/.well-known/x");
    assertThat(Paths.normalised("/a%2Fb", Normalize.BASE)).contains("/a%2Fb");
  }

  @Test
  void ofSeveralSlashesOneIsLeftWhereThatIsAskedFor() {
    assertThat(Paths.normalised("//a///b//", Normalize.MERGE_SLASHES)).contains("/a/b/");
    assertThat(Paths.normalised("//a///b//", Normalize.BASE)).contains("//a///b//");
    assertThat(Paths.normalised("/a//../b", Normalize.MERGE_SLASHES)).contains("/a/b");
    assertThat(Paths.normalised("/a/.//b", Normalize.MERGE_SLASHES)).contains("/a/b");
    assertThat(Paths.normalised("/a/b/", Normalize.MERGE_SLASHES)).contains("/a/b/");
  }

  @Test
  void whoAsksForItGetsAPathAsItCame() {
    assertThat(Paths.normalised("/a/..//b", Normalize.NONE)).contains("/a/..//b");
    assertThat(Paths.normalised("/a%00", Normalize.NONE)).isEmpty();
  }

  @Test
  void bytesBeyondAsciiAreWrittenAsTheyShouldHaveBeen() {
    assertThat(Paths.written("/caf\u00c3\u00a9?q=\u00ff")).isEqualTo("/caf%C3%A9?q=%FF");
    assertThat(Paths.written("/plain?a=b%20c")).isEqualTo("/plain?a=b%20c");
  }

  @Test
  void noEncodingSavesControlCharactersSpacesAndFragments() {
    for (String target : new String[] {"/a b", "/a#b", "/?a\tb", "/a\u007f", "/?a\r\nx: 1"}) {
      assertThat(Paths.written(target)).as(target).isEmpty();
    }
  }

  @Test
  void whatCannotBeMeantIsRefused() {
    assertThat(Paths.normalised("/a%0", Normalize.BASE)).isEmpty();
    assertThat(Paths.normalised("/a%zz", Normalize.BASE)).isEmpty();
    assertThat(Paths.normalised("/a%00b", Normalize.BASE)).isEmpty();
    assertThat(Paths.normalised("/a\tb", Normalize.BASE)).isEmpty();
  }
}
