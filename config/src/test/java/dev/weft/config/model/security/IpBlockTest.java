package dev.weft.config.model.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IpBlockTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.1.2.3/8, 10.9.9.9, true",
    "10.0.0.1, 10.0.0.1, true",
    "10.0.0.1, 10.0.0.2, false",
    "10.0.0.128/25, 10.0.0.127, false",
    "0.0.0.0/0, 255.255.255.255, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "::/0, 10.0.0.1, false",
    "::/0, 2001:db8::1, true",
    "::ffff:0:0/96, 10.0.0.1, true",
    "10.0.0.0/8, ::ffff:10.0.0.1, true",
    "10.0.0.0/8, ::ffff:a00:1, true",
    "2001:db8::/32, 2001:db8:ffff::1, true",
    "2001:db8::/32, 2001:db9::, false",
    "2001:db8:0:0:8000::/65, 2001:db8::8000:0:0:1, true",
    "2001:db8:0:0:8000::/65, 2001:db8::7fff:0:0:1, false",
    "fe80::1, fe80::1%eth0, true",
    "::1, 0:0:0:0:0:0:0:1, true",
  })
  void aBlockHasTheAddressesThatBeginLikeIt(String block, String address, boolean within) {
    boolean contains =
        IpBlock.parse(block).orElseThrow().contains(IpBlock.parse(address).orElseThrow());

    assertThat(contains).isEqualTo(within);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.01",
        "10.0.0.1.1",
        "10.0.0.0/33",
        "10.0.0.0/",
        "a",
        "::1::",
        ":::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "12345::",
        "2001:db8::/129",
        "g::",
        "::10.0.0",
        "1.2.3.4::",
        "10.0.0.0/-1",
        "10.0.0.1 "
      })
  void whatIsNoAddressIsNone(String text) {
    assertThat(IpBlock.parse(text)).isEmpty();
  }

  @Test
  void aBlockIsNotWithinASmallerOne() {
    IpBlock wide = IpBlock.parse("10.0.0.0/8").orElseThrow();
    IpBlock narrow = IpBlock.parse("10.0.0.0/16").orElseThrow();

    assertThat(wide.contains(narrow)).isTrue();
    assertThat(narrow.contains(wide)).isFalse();
  }
}
