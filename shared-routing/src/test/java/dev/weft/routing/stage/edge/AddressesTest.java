package dev.weft.routing.stage.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.security.IpBlock;
import dev.weft.config.model.settings.edge.EdgePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AddressesTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, '', 10.1.2.3, true",
    "10.0.0.0/8, '', 11.0.0.0, false",
    "10.0.0.0/8, '', 9.255.255.255, false",
    "10.0.0.0/8, '', ::ffff:10.1.2.3, true",
    "10.0.0.0/8, '', ::ffff:a01:203, true",
    "::ffff:10.0.0.0/104, '', 10.1.2.3, true",
    "10.0.0.0/8, '', 2001:db8::1, false",
    "10.0.0.0/8, 10.9.0.0/16, 10.8.255.255, true",
    "10.0.0.0/8, 10.9.0.0/16, 10.9.0.0, false",
    "10.0.0.0/8, 10.9.0.0/16, 10.9.255.255, false",
    "10.0.0.0/8, 10.9.0.0/16, 10.10.0.0, true",
    "'', 10.9.9.9, 10.9.9.9, false",
    "'', 10.9.9.9, 10.9.9.10, true",
    "'', 10.9.9.9, ::ffff:10.9.9.9, false",
    "'', 0.0.0.0/0, 192.0.2.1, false",
    "'', 0.0.0.0/0, 2001:db8::1, true",
    "'', ::/0, 2001:db8::1, false",
    "'', ::/0, 192.0.2.1, true",
    "2001:db8::/32, '', 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "2001:db8::/32, '', 2001:db9::, false",
    "2001:db8::1, '', 2001:DB8:0:0:0:0:0:1, true",
    "fe80::/10, '', fe80::1%eth0, true",
    "10.0.0.0/8, '', '', false",
    "'', 10.0.0.0/8, unknown, false",
    "0.0.0.0/0, 10.0.0.0/8, 10.0.0.1, false",
  })
  void whoIsDeniedMayNotAndWhoIsNotAllowedMayNot(
      String allow, String deny, String address, boolean may) {
    Addresses addresses = addresses(list(allow), list(deny));

    assertThat(addresses.refuse(address).isEmpty()).isEqualTo(may);
  }

  @Test
  void aRefusalTellsTheListThatMeansIt() {
    Addresses addresses = addresses(List.of("10.0.0.0/8"), List.of("10.9.0.0/16"));

    assertThat(addresses.refuse("10.9.0.1")).contains("address 10.9.0.1 is in denyFrom");
    assertThat(addresses.refuse("11.0.0.1")).contains("address 11.0.0.1 is not in allowFrom");
    assertThat(addresses.deny("11.0.0.1")).isFalse();
    assertThat(addresses.deny("10.9.0.1")).isTrue();
  }

  @Test
  void whereNothingIsSaidNobodyIsLookedAt() {
    assertThat(Addresses.of(EdgePolicy.NONE)).isSameAs(Addresses.ANY);
    assertThat(Addresses.ANY.refuse("whoever")).isEmpty();
    assertThat(Addresses.ANY.deny("whoever")).isFalse();
  }

  @Test
  void theSearchFindsWhatALookAtEachBlockFinds() {
    Random random = new Random(8);
    for (int table = 0; table < 200; table++) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(40); i++) {
        texts.add(address(random) + "/" + prefix(random, texts));
      }
      texts.replaceAll(AddressesTest::fitting);
      List<IpBlock> blocks = texts.stream().map(IpBlock::parse).map(Optional::orElseThrow).toList();
      Addresses addresses = addresses(texts, List.of());
      for (int i = 0; i < 200; i++) {
        String one = address(random);
        boolean linear =
            blocks.stream().anyMatch(block -> block.contains(IpBlock.parse(one).orElseThrow()));
        assertThat(addresses.refuse(one).isEmpty()).as("%s in %s", one, texts).isEqualTo(linear);
      }
    }
  }

  /** Of few, so that blocks meet. */
  private static String address(Random random) {
    return random.nextBoolean()
        ? "10." + random.nextInt(4) + "." + random.nextInt(4) + "." + random.nextInt(256)
        : "2001:db8:" + random.nextInt(4) + "::" + Integer.toHexString(random.nextInt(65536));
  }

  private static int prefix(Random random, List<String> before) {
    return before.size() % 7 == 0 ? random.nextInt(16) : 8 + random.nextInt(121);
  }

  private static String fitting(String text) {
    int slash = text.indexOf('/');
    int bits = Integer.parseInt(text.substring(slash + 1));
    boolean four = text.indexOf(':') < 0;
    return text.substring(0, slash + 1) + (four ? bits % 33 : bits);
  }

  private static List<String> list(String text) {
    return text.isEmpty() ? List.of() : List.of(text);
  }

  private static Addresses addresses(List<String> allow, List<String> deny) {
    return Addresses.of(
        new EdgePolicy(
            allow, deny, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
  }
}
