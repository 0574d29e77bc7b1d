package dev.weft.routing.stage.edge.password;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CredentialsTest {

  @ParameterizedTest
  @CsvSource({
    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==, Aladdin, open sesame", // RFC 7617 section 2
    "basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==, Aladdin, open sesame",
    "BASIC   QWxhZGRpbjpvcGVuIHNlc2FtZQ==, Aladdin, open sesame",
    "Basic dGVzdDoxMjPCow==, test, 123£", // RFC 7617 section 2.1
    "Basic YTpiOmM=, a, b:c",
    "Basic YTo=, a, ''",
    "Basic YTo6, a, ':'",
    "Basic w7w6, ü, ''",
  })
  void aNameEndsAtTheFirstColon(String value, String user, String password) {
    assertThat(Credentials.parse(value)).contains(new Credentials(user, password));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Basic",
        "Basic ",
        "Basic  ",
        "Basic:YTpi",
        "Basic=YTpi",
        "Basic\tYTpi",
        "BasicYTpi",
        "Basic\u00a0YTpi",
        " Basic YTpi",
        "Basi YTpi",
        "Basics YTpi",
        "Bearer YTpi",
        "Digest username=\"a\"",
        "Negotiate YTpi",
        "YTpi",
        "Basic a:b",
        "Basic YTpi YTpi",
        "Basic YTpi,YTpi",
        "Basic YTpi, Basic YTpi",
        "Basic YTpi ",
        "Basic YTpi\t",
        "Basic YTpi\u0000",
        "Basic YT\npi",
        "Basic YTo",
        "Basic YTo==",
        "Basic YTo===",
        "Basic =YTp",
        "Basic YT=i",
        "Basic ====",
        "Basic %YTpi",
        "Basic YTp_",
        "Basic YTp-",
        "Basic {}",
        "Basic realm=\"weft\"",
        "Basic YWRh", // no colon
        "Basic OmI=", // no name
        "Basic Og==", // a colon alone
        "Basic YTpiAA==", // a NUL in the password
        "Basic YQA6Yg==", // a NUL in the name
        "Basic YTpiCg==", // a line break
        "Basic YQ06Yg==", // a carriage return in the name
        "Basic YTpifw==", // DEL
        "Basic YTrCgQ==", // a control character of C1
        "Basic YTr/", // no UTF-8
        "Basic YTrAgA==", // overlong
        "Basic YTrtoIA=", // half of a pair
      })
  void whatIsNoNameAndPasswordIsNone(String value) {
    assertThat(Credentials.parse(value)).isEmpty();
  }

  @Test
  void aHeaderOfMoreThanFourKibIsNone() {
    String fits = "Basic " + encoded("a:" + "b".repeat(3000));
    String longer = "Basic " + encoded("a:" + "b".repeat(3100));

    assertThat(fits.length()).isLessThanOrEqualTo(4096);
    assertThat(longer.length()).isGreaterThan(4096);
    assertThat(Credentials.parse(fits)).isPresent();
    assertThat(Credentials.parse(longer)).isEmpty();
  }

  @Test
  void severalHeadersAreNone() {
    MultiMap headers =
        MultiMap.caseInsensitiveMultiMap()
            .add("authorization", "Basic YTpi")
            .add("Authorization", "Bearer x");

    assertThat(Credentials.of(headers)).isEmpty();
    assertThat(Credentials.of(MultiMap.caseInsensitiveMultiMap())).isEmpty();
  }

  @Test
  void nothingThatIsSentBreaksIt() {
    Random random = new Random(8);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      String text =
          random.nextBoolean()
              ? new String(bytes, StandardCharsets.ISO_8859_1)
              : Base64.getEncoder().encodeToString(bytes);
      Credentials.parse("Basic " + text)
          .ifPresent(found -> assertThat(found.user()).isNotEmpty().doesNotContain(":"));
    }
  }

  @Test
  void theyAreNotShown() {
    assertThat(new Credentials("ada", "secret").toString()).doesNotContain("secret");
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
