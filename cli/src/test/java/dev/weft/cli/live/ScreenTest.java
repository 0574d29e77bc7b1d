package dev.weft.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.admin.Table;
import dev.weft.cli.live.Screen.Line;
import dev.weft.cli.live.Screen.Mood;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScreenTest {

  private static List<Line> section(String name, int rows) {
    List<Line> all = new ArrayList<>();
    all.add(new Line(name, Mood.HEAD));
    for (int i = 1; i <= rows; i++) {
      all.add(new Line(name + i, i == 1 ? Mood.BAD : Mood.PLAIN));
    }
    return all;
  }

  private static List<String> rows(String frame) {
    return frame.replaceAll("\u001b\\[[0-9]*[A-Za-z]", "").lines().toList();
  }

  @Test
  void theLongestSectionGivesWaySoThatAllHaveAPlace() {
    String frame = Screen.frame(List.of(section("S", 50), section("R", 4)), 40, 14, false);

    assertThat(rows(frame))
        .containsExactly(
            "S",
            "S1",
            "S2",
            "S3",
            "S4",
            "S5",
            "S6",
            "... and 44 more",
            "",
            "R",
            "R1",
            "R2",
            "R3",
            "R4");
  }

  @Test
  void noRowIsWiderAndNoneStandsBelowTheLast() {
    for (int height = 1; height < 20; height++) {
      for (int width = 1; width < 20; width++) {
        String frame =
            Screen.frame(
                List.of(section("SERVICE-OF-LENGTH", 9), section("R", 9), section("U", 9)),
                width,
                height,
                true);

        int most = width;
        assertThat(rows(frame)).hasSizeLessThanOrEqualTo(height);
        assertThat(rows(frame)).allMatch(row -> row.length() <= most);
      }
    }
  }

  @Test
  void coloursAreThereOnlyWhereTheyAreWanted() {
    List<List<Line>> sections = List.of(section("S", 2));

    assertThat(Screen.frame(sections, 40, 10, true))
        .contains("\u001b[1mS\u001b[0m", "\u001b[31mS1\u001b[0m");
    assertThat(Screen.frame(sections, 40, 10, false)).doesNotContain("m");
  }

  @Test
  void whereATableIsTooWideItsNamesLoseTheirMiddleAndNoFigureIsLost() {
    Table table = new Table("SERVICE", "REQ/S");
    table.row("search.production.svc.cluster.local", "12.5");

    assertThat(table.lines(30))
        .containsExactly("SERVICE                  REQ/S", "search.prod..ster.local  12.5");
    assertThat(table.lines(5)).containsExactly("SERVICE           REQ/S", "search...r.local  12.5");
    assertThat(table.lines().get(1)).startsWith("search.production.svc.cluster.local  12.5");
  }
}
