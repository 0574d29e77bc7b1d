package dev.weft.routing.telemetry.tag;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.telemetry.Metric;
import dev.weft.config.model.telemetry.MetricSettings;
import dev.weft.config.model.telemetry.MetricSettings.Told;
import dev.weft.routing.telemetry.tag.ToldSeries.Counted;
import dev.weft.routing.telemetry.tag.ToldSeries.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of counters whose labels Telemetry changes. */
final class ToldSeriesTest {

  private static final Duration IDLE = Duration.ofMinutes(15);
  private static final List<String> NAMES = Metric.REQUEST_COUNT.labels();
  private static final Object FIRST = new Object();
  private static final Object SECOND = new Object();

  private final ToldSeries series = new ToldSeries(Metric.REQUEST_COUNT, IDLE);

  private static TagRules rules(boolean disabled, Map<String, Optional<String>> tags) {
    return new TagRules(
        new MetricSettings(Map.of(Metric.REQUEST_COUNT, new Told(disabled, tags)), Map.of()));
  }

  private static Counted counted(Object counter, String reporter, String version, double count) {
    return counted(counter, reporter, version, count, Tags.NONE);
  }

  private static Counted counted(
      Object counter, String reporter, String version, double count, Tags tags) {
    List<String> labels = new ArrayList<>(Collections.nCopies(NAMES.size(), "x"));
    labels.set(0, reporter);
    labels.set(NAMES.indexOf("source_version"), version);
    return new Counted(counter, 200, labels, tags, Numbers.of(count), List.of());
  }

  private static double value(List<Row> rows) {
    assertThat(rows).hasSize(1);
    return rows.get(0).numbers().at(0);
  }

  private static String label(Row row, String name) {
    return row.labels().get(row.names().indexOf(name));
  }

  @Test
  void withoutALabelCountersAreOneSeriesThatNeverFallsBack() {
    TagRules merged = rules(false, Map.of("source_version", Optional.empty()));

    List<Row> both =
        series.rows(
            merged,
            List.of(counted(FIRST, "source", "1", 5), counted(SECOND, "source", "2", 7)),
            0);
    List<Row> one = series.rows(merged, List.of(counted(SECOND, "source", "2", 8)), 1);
    List<Row> again =
        series.rows(
            merged,
            List.of(counted(FIRST, "source", "1", 6), counted(SECOND, "source", "2", 8)),
            2);

    assertThat(value(both)).isEqualTo(12);
    assertThat(both.get(0).names()).doesNotContain("source_version").hasSize(NAMES.size() - 1);
    assertThat(value(one)).as("the first is idle, and what it counted is kept").isEqualTo(13);
    assertThat(value(again)).as("it returned with one more").isEqualTo(14);
  }

  @Test
  void aSeriesIsToldUntilNothingWasAddedForAWhile() {
    TagRules merged = rules(false, Map.of("source_version", Optional.empty()));
    List<Counted> same = List.of(counted(FIRST, "source", "1", 5));

    assertThat(series.rows(merged, same, 0)).hasSize(1);
    assertThat(series.rows(merged, same, IDLE.toNanos() - 1)).hasSize(1);
    assertThat(series.rows(merged, same, IDLE.toNanos())).isEmpty();
    assertThat(
            value(
                series.rows(merged, List.of(counted(FIRST, "source", "1", 6)), IDLE.toNanos() + 1)))
        .as("it begins anew")
        .isEqualTo(1);
  }

  @Test
  void theOtherDirectionIsToldAsItIsCounted() {
    TagRules off = rules(true, Map.of());

    List<Row> rows =
        series.rows(
            off,
            List.of(counted(FIRST, "source", "1", 5), counted(SECOND, "destination", "2", 7)),
            0);

    assertThat(value(rows)).isEqualTo(7);
    assertThat(rows.get(0).names()).isEqualTo(NAMES);
  }

  @Test
  void tagsAreSetToTextsAndToWhatRequestsHad() {
    TagRules set =
        rules(
            false,
            Map.of(
                "source_version",
                Optional.of("'all'"),
                "host",
                Optional.of("request.host"),
                "kind",
                Optional.of("'mesh'")));
    Tags shop = new Tags(List.of("request.host"), List.of("shop.test"));

    List<Row> rows =
        series.rows(
            set,
            List.of(counted(FIRST, "source", "1", 5, shop), counted(SECOND, "source", "2", 2)),
            0);

    assertThat(rows).extracting(row -> label(row, "host")).containsExactly("shop.test", "unknown");
    assertThat(rows).allMatch(row -> label(row, "source_version").equals("all"));
    assertThat(rows).allMatch(row -> label(row, "kind").equals("mesh"));
    assertThat(rows).allMatch(row -> row.names().size() == NAMES.size() + 2);
  }

  @Test
  void aMetricThatTellsNoTagsAddsUpWhatThoseOfOthersTellApart() {
    ToldSeries untagged = new ToldSeries(Metric.REQUEST_SIZE, IDLE);
    Tags one = new Tags(List.of("request.host"), List.of("a"));
    Tags two = new Tags(List.of("request.host"), List.of("b"));

    List<Row> rows =
        untagged.rows(
            rules(false, Map.of("host", Optional.of("request.host"))),
            List.of(counted(FIRST, "source", "1", 5, one), counted(SECOND, "source", "1", 2, two)),
            0);

    assertThat(value(rows)).isEqualTo(7);
  }

  @Test
  void whatAnotherRuleMakesOfItBeginsWithWhatIsCountedFromThenOn() {
    List<Counted> before = List.of(counted(FIRST, "source", "1", 5));
    series.rows(rules(false, Map.of("source_version", Optional.empty())), before, 0);

    List<Row> after =
        series.rows(
            rules(false, Map.of("source_app", Optional.empty())),
            List.of(counted(FIRST, "source", "1", 9)),
            1);

    assertThat(value(after)).isEqualTo(4);
  }
}
