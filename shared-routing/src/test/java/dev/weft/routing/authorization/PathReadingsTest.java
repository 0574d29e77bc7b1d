package dev.weft.routing.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

class PathReadingsTest {

  @Property(tries = 2000)
  void thereIsAlwaysTheCanonicalReadingAndNeverOneTwice(
      @ForAll
          @StringLength(max = 24)
          @Chars({'/', '.', '%', '2', 'F', 'c', '0', '5', ';', '\\', 'a'})
          String text) {
    List<String> readings = PathReadings.of("/" + text).orElse(List.of("/" + text));

    assertThat(readings).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(PathReadings.MOST);
    assertThat(readings.get(0))
        .satisfiesAnyOf(
            first -> assertThat(first).isEqualTo(PathReadings.canonical("/" + text)),
            first -> assertThat(first).isEqualTo("/" + text));
    assertThat(readings).allMatch(reading -> reading.startsWith("/"));
  }

  @Property(tries = 1000)
  void aPlainPathHasOneReading(
      @ForAll @StringLength(max = 24) @Chars({'/', '-', 'a', 'b', '_', '~'}) String text) {
    String path = ("/" + text).replaceAll("/+", "/");

    assertThat(PathReadings.plain(path)).isTrue();
    assertThat(PathReadings.of(path)).contains(List.of(path));
  }

  @Example
  void whatNoServerTellsApartHasOneReading() {
    assertThat(PathReadings.of("/caf%c3%a9%20x")).contains(List.of("/café x"));
  }

  @Example
  void aSlashInDisguiseIsReadBothWays() {
    assertThat(PathReadings.of("/a%2fb").orElseThrow()).containsExactlyInAnyOrder("/a%2Fb", "/a/b");
  }

  @Example
  void textOfSeveralBytesIsDecodedAndWhatOnlyLooksLikeItIsNot() {
    assertThat(PathReadings.of("/%e2%82%ac%f0%9f%98%80")).contains(List.of("/€😀"));
    assertThat(PathReadings.canonical("/%ed%a0%80")).as("a surrogate").isEqualTo("/%ED%A0%80");
    assertThat(PathReadings.canonical("/%f4%90%80%80")).as("beyond").isEqualTo("/%F4%90%80%80");
    assertThat(PathReadings.canonical("/%c3")).as("cut off").isEqualTo("/%C3");
    assertThat(PathReadings.canonical("/%c1%a1")).as("overlong").isEqualTo("/%C1%A1");
  }

  @Example
  void ofALongPathFewerReadingsAreLookedAt() {
    String many = "/a%" + "25".repeat(12) + "2Fb";

    assertThat(PathReadings.of(many)).isPresent();
    assertThat(PathReadings.of("/" + "x".repeat(16_000) + many)).isEmpty();
    assertThat(PathReadings.of("/" + "%ff".repeat(5_000))).isPresent();
  }

  @Example
  void bytesThatAreNoTextStayAsTheyAre() {
    assertThat(PathReadings.of("/%ff%fe")).contains(List.of("/%FF%FE"));
  }
}
