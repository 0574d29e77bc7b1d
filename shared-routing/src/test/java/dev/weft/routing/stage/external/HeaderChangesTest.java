package dev.weft.routing.stage.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.stage.external.HeaderChanges.Collector;
import dev.weft.routing.stage.external.HeaderChanges.How;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HeaderChangesTest {

  private final Collector all = new Collector();
  private final MultiMap headers = HttpHeaders.headers().add("x-a", "1").add("x-b", "2");

  @ParameterizedTest
  @CsvSource({
    "APPEND, x-a, '[1, n]'",
    "APPEND, x-c, [n]",
    "ADD_IF_ABSENT, x-a, [1]",
    "ADD_IF_ABSENT, x-c, [n]",
    "OVERWRITE, X-A, [n]",
    "OVERWRITE, x-c, [n]",
    "OVERWRITE_IF_EXISTS, x-a, [n]",
    "OVERWRITE_IF_EXISTS, x-c, []",
  })
  void whatBecomesOfAHeaderIsSaid(How how, String name, String values) {
    all.change(name, "n", how);

    all.changes().apply(headers);

    assertThat(headers.getAll(name)).hasToString(values);
    assertThat(headers.get("x-b")).isEqualTo("2");
  }

  @Test
  void whatIsSetReplacesItsOtherSpellingToo() {
    headers.add("x_user", "forged").add("X_User", "forged too");
    all.change("x-user", "alice", How.OVERWRITE);

    all.changes().apply(headers);

    assertThat(headers.names()).doesNotContain("x_user", "X_User");
    assertThat(headers.getAll("x-user")).containsExactly("alice");
  }

  @ParameterizedTest
  @CsvSource({
    "APPEND, x-user, X_User, [n]",
    "APPEND, x-user, x-user, '[forged, n]'",
    "APPEND, x_user, X-User, [n]",
    "APPEND, x-a_b, x_a-b, [n]",
    "ADD_IF_ABSENT, x-user, x_user, [n]",
    "OVERWRITE, x-user, x_user, [n]",
    "OVERWRITE, x_user, x-user, [n]",
    "OVERWRITE_IF_EXISTS, x-user, x_user, [n]",
  })
  void noOtherSpellingOfANameStaysBesideIt(How how, String name, String sent, String values) {
    headers.add(sent, "forged");
    all.change(name, "n", how);

    all.changes().apply(headers);

    assertThat(headers.getAll(name)).hasToString(values);
    assertThat(headers.names()).as("with x-a and x-b").hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({"x-user, x_user", "x_user, x-user", "x-user, X-User"})
  void whatIsRemovedIsRemovedInEachSpelling(String name, String sent) {
    headers.add(sent, "forged");
    all.remove(name);

    all.changes().apply(headers);

    assertThat(headers.names()).containsExactlyInAnyOrder("x-a", "x-b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":path",
        ":status",
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "TE",
        "Upgrade",
        "Expect",
        "Forwarded",
        "X-Forwarded-For",
        "x_forwarded_for",
        "X-Forwarded-Proto",
        "X-Forwarded-Client-Cert",
        "x-weft-peer",
        "X_Weft_Http",
        "x-envoy-original-path"
      })
  void whatIsNotItsToSayIsPassedOver(String name) {
    all.change(name, "forged", How.OVERWRITE);
    all.remove(name);

    assertThat(all.changes().none()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'', a",
    "'x y', a",
    "'x:y', a",
    "x\u00e9, a",
    "x, 'a\r\nb: c'",
    "x, 'a\nb'",
    "x, 'a\u0000'",
    "x, 'a\u007f'",
    "x, '\u0100'",
    "':', 'a\n'"
  })
  void whatCouldBeNoHeaderIsNoAnswer(String name, String value) {
    assertThatThrownBy(() -> all.change(name, value, How.APPEND)).isInstanceOf(UnsoundAnswer.class);
  }

  @Test
  void ofAnAnswerOverHttpThoseCountThatAreNamed() {
    MultiMap answer =
        HttpHeaders.headers()
            .add("X-User", "a")
            .add("x-user", "b")
            .add("x-user-id", "7")
            .add("my-id", "8")
            .add("other", "9")
            .add("x-weft-peer", "forged");
    headers.add("x-user", "mallory").add("other", "kept");

    HeaderChanges.of(answer, new HeaderNames(List.of("x-user", "*-id", "x-weft*"))).apply(headers);

    assertThat(headers.getAll("x-user")).containsExactly("a", "b");
    assertThat(headers.get("x-user-id")).isEqualTo("7");
    assertThat(headers.get("my-id")).isEqualTo("8");
    assertThat(headers.get("other")).isEqualTo("kept");
    assertThat(headers.contains("x-weft-peer")).isFalse();
  }

  @Test
  void aStarAloneStandsForAll() {
    HeaderNames names = new HeaderNames(List.of("*"));

    assertThat(names.match("anything")).isTrue();
    assertThat(names.none()).isFalse();
    assertThat(new HeaderNames(List.of()).none()).isTrue();
  }
}
