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
  void whatCannotBeMeantIsRefused() {
    assertThat(Paths.normalised("/a%0")).isEmpty();
    assertThat(Paths.normalised("/a%zz")).isEmpty();
    assertThat(Paths.normalised("/a%00b")).isEmpty();
    assertThat(Paths.normalised("/a\tb")).isEmpty();
  }
}
