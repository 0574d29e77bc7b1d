package dev.weft.routing.listener;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PathsTest {

  @Test
  void dotSegmentsAreRemoved() {
    assertThat(Paths.normalised("/a/../b")).contains("/b");
    assertThat(Paths.normalised("/a/./b/")).contains("/a/b/");
    assertThat(Paths.normalised("/../../x")).contains("/x");
    assertThat(Paths.normalised("/a/%2e%2E/b")).contains("/b");
    assertThat(Paths.normalised("/a/..")).contains("/");
  }

  @Test
  void whatOnlyLooksLikeDotsStays() {
    assertThat(Paths.normalised("/a/.../b")).contains("/a/.../b");
    assertThat(Paths.normalised("/.well-known/x")).contains("/.well-known/x");
    assertThat(Paths.normalised("/a%2Fb")).contains("/a%2Fb");
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
    assertThat(Paths.normalised("/a%0")).isEmpty();
    assertThat(Paths.normalised("/a%zz")).isEmpty();
    assertThat(Paths.normalised("/a%00b")).isEmpty();
    assertThat(Paths.normalised("/a\tb")).isEmpty();
  }
}
