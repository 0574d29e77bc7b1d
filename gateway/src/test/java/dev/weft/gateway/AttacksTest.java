package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** That no attack is lost, or is one of the others by another name. */
final class AttacksTest {

  private static final int LEAST = 150;
  private static final int LEAST_OF_HTTP2 = 60;

  @Test
  void thereAreAsManyAgainstHttp1AsWereAskedFor() {
    List<Attack> all = RequestAttacksIT.all();

    assertThat(all).hasSizeGreaterThanOrEqualTo(LEAST);
    assertThat(all.stream().map(Attack::name)).doesNotHaveDuplicates();
    assertThat(all.stream().map(Attack::bytes)).doesNotHaveDuplicates();
    assertThat(all.stream().filter(one -> !one.status().equals("200")))
        .as("not what passes")
        .hasSizeGreaterThanOrEqualTo(LEAST);
  }

  @Test
  void thereAreAsManyAgainstHttp2AsWereAskedFor() {
    List<StreamAttack> all = StreamAttacksIT.all();

    assertThat(all.stream().map(StreamAttack::name)).doesNotHaveDuplicates();
    assertThat(all.stream().map(StreamAttack::frames)).doesNotHaveDuplicates();
    assertThat(all.stream().filter(one -> one.outcome() != StreamAttack.Outcome.SERVED))
        .as("not what is served")
        .hasSizeGreaterThanOrEqualTo(LEAST_OF_HTTP2);
  }
}
