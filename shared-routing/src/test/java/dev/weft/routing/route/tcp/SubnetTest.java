package dev.weft.routing.route.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SubnetTest {

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.1.2.3, true",
    "10.1.2.3, 10.1.2.4, false",
    "10.1.0.0/16, 10.1.255.255, true",
    "10.1.0.0/16, 10.2.0.0, false",
    "10.1.128.0/17, 10.1.127.255, false",
    "10.1.128.0/17, 10.1.128.0, true",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, fd00::1, false",
    "fd00::/65, fd00::7fff:0:0:0, true",
    "fd00::/65, fd00::8000:0:0:0, false",
    "::/0, 10.0.0.1, false"
  })
  void itHasTheAddressesWithItsFirstBits(String subnet, String address, boolean expected) {
    assertThat(
            Subnet.parse(subnet).orElseThrow().has(new InetSocketAddress(address, 1).getAddress()))
        .isEqualTo(expected);
  }

  @Test
  void whatIsNoAddressIsNone() {
    assertThat(Subnet.parse("a.test")).isEmpty();
    assertThat(Subnet.parse("10.0.0/8")).isEmpty();
  }
}
