package dev.weft.routing.process.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GivenTest {

  private static final Flag NAME = Flag.one("--name", "NAME", "Who it is.");
  private static final Flag COUNT = Flag.one("--max-count", "N", "How many.").or("3");
  private static final Flag KIND = Flag.one("--kind", "ONE|NOTHING", "Which.").or("ONE");
  private static final Flag SOURCE = Flag.several("--source", "SRC", "Where from.");
  private static final Flag LABELS = Flag.lists("--labels", "K=V", "Which.");
  private static final Flag DRY = Flag.alone("--dry", "Does nothing.");
  private static final List<Flag> FLAGS = List.of(NAME, COUNT, KIND, SOURCE, LABELS, DRY);

  private static Given given(Map<String, String> environment, String... words) {
    return Given.of(FLAGS, List.of(words), environment);
  }

  private static Given given(String... words) {
    return given(Map.of(), words);
  }

  @Test
  void aValueFollowsItsFlagOrAnEqualsSign() {
    assertThat(given("--name", "a").one(NAME)).hasValue("a");
    assertThat(given("--name=a=b").one(NAME)).hasValue("a=b");
    assertThat(given("--name", "-").one(NAME)).hasValue("-");
    assertThat(given("--name=").one(NAME)).hasValue("");
    assertThat(given().one(NAME)).isEmpty();
  }

  @Test
  void whatIsNotGivenIsWhatItIsOtherwise() {
    assertThat(given().number(COUNT, 0, 9)).isEqualTo(3);
    assertThat(given().choice(KIND, Flag.Takes.values())).isEqualTo(Flag.Takes.ONE);
    assertThat(given().has(DRY)).isFalse();
    assertThat(given().all(SOURCE)).isEmpty();
  }

  @Test
  void severalKeepTheirOrderAndListsAreTakenApart() {
    Given given =
        given("--source", "a,b", "--labels", "k=1,l=2", "--source=c", "--dry", "--labels", "m=3");

    assertThat(given.all(SOURCE)).containsExactly("a,b", "c");
    assertThat(given.all(LABELS)).containsExactly("k=1", "l=2", "m=3");
    assertThat(given.has(DRY)).isTrue();
  }

  @Test
  void aVariableStandsForAFlagThatIsNotGiven() {
    Map<String, String> environment =
        Map.of(
            "WEFT_MAX_COUNT", "5", "WEFT_NAME", "", "WEFT_DRY", "true", "WEFT_LABELS", "a=1,b=2");

    Given given = given(environment, "--source", "x");

    assertThat(given.number(COUNT, 0, 9)).isEqualTo(5);
    assertThat(given.one(NAME)).as("an empty variable").isEmpty();
    assertThat(given.has(DRY)).isTrue();
    assertThat(given.all(LABELS)).containsExactly("a=1", "b=2");
    assertThat(given(environment, "--max-count", "7", "--dry=false").number(COUNT, 0, 9))
        .isEqualTo(7);
    assertThat(given(environment, "--dry=false").has(DRY)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --nane a           | there is no flag '--nane'; did you mean --name?
          stray              | there is no flag 'stray'
          --name             | --name without a value (expected: --name NAME)
          --name --dry       | --name without a value (expected: --name NAME)
          --name a --name=b  | --name is given twice (expected: once)
          --dry=perhaps      | --dry=perhaps (expected: true or false)
          """)
  void whatCannotBeMeantIsTold(String words, String told) {
    assertThatExceptionOfType(WrongUsage.class)
        .isThrownBy(() -> given(words.split(" ")))
        .withMessage(told);
  }

  @Test
  void aValueOutOfItsRangeIsTold() {
    assertThatExceptionOfType(WrongUsage.class)
        .isThrownBy(() -> given("--max-count", "many").number(COUNT, 0, 9))
        .withMessage("--max-count many (expected: 0 to 9)");
    assertThatExceptionOfType(WrongUsage.class)
        .isThrownBy(() -> given("--max-count=-1").number(COUNT, 0, Integer.MAX_VALUE))
        .withMessage("--max-count -1 (expected: 0 or more)");
    assertThatExceptionOfType(WrongUsage.class)
        .isThrownBy(() -> given("--kind", "two").choice(KIND, Flag.Takes.values()))
        .withMessage("--kind two (expected: ONE or NOTHING)");
    assertThatExceptionOfType(WrongUsage.class)
        .isThrownBy(() -> given().required(LABELS))
        .withMessage("without --labels (expected: --labels K=V[,K=V...])");
  }

  @Test
  void theManualTellsOfEachFlag() {
    Flag hidden = Flag.alone("--hidden");
    List<Flag> flags = List.of(COUNT, SOURCE, LABELS, DRY, hidden);

    String text =
        new Manual("weft it", "--source SRC", List.of("It."), flags, List.of("So.")).text();

    assertThat(text)
        .isEqualTo(
            """
            Usage: weft it --source SRC [FLAGS]

            It.

              --max-count N
                    How many. Default: 3.
              --source SRC  (repeatable)
                    Where from.
              --labels K=V[,K=V...]
                    Which.
              --dry
                    Does nothing.
              -h, --help
                    Tells this.
              -V, --version
                    Tells the version.

            So.
            """);
  }

  @Test
  void theManualIsAsWideAsATerminal() {
    String word = "x".repeat(30);
    Flag flag = Flag.one("--a", "B", word + " " + word, "and", word).or("3");
    List<String> about = List.of(word + " " + word, word, "", "  " + word, word, "So.");

    String text = new Manual("weft it", "--a B", about, List.of(flag), List.of()).text();

    assertThat(text)
        .startsWith(
            """
            Usage: weft it --a B [FLAGS]

            W W
            W

              W
            W So.

              --a B
                    W W and
                    W Default: 3.
            """
                .replace("W", word));
  }
}
