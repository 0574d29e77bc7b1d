package dev.weft.routing.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Caller;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;

final class ForwardedTest {

  private static final Caller PEER = Caller.anonymous("192.0.2.1", 4711, 443, true);

  @Test
  void theEntryOfTheOutermostTrustedProxyIsTheCaller() {
    MultiMap told = told("6.6.6.6, 203.0.113.9, 192.0.2.2");

    assertThat(address(told, 1)).isEqualTo("192.0.2.2");
    assertThat(address(told, 2)).isEqualTo("203.0.113.9");
  }

  @Test
  void whatTheCallerWroteHimselfIsNotBelieved() {
    assertThat(address(told("6.6.6.6, 203.0.113.9"), 1)).isEqualTo("203.0.113.9");
  }

  @Test
  void fewerEntriesThanProxiesLeaveThePeer() {
    assertThat(address(told("203.0.113.9"), 2)).isEqualTo("192.0.2.1");
    assertThat(address(MultiMap.caseInsensitiveMultiMap(), 1)).isEqualTo("192.0.2.1");
    assertThat(address(told(""), 1)).isEqualTo("192.0.2.1");
  }

  @Test
  void whatIsNoAddressLeavesThePeer() {
    assertThat(address(told("unknown"), 1)).isEqualTo("192.0.2.1");
    assertThat(address(told("203.0.113.9,"), 1)).isEqualTo("192.0.2.1");
    assertThat(address(told("2001:db8::9"), 1)).isEqualTo("2001:db8::9");
  }

  @Test
  void aPortBehindTheAddressIsNotTheCallers() {
    assertThat(address(told("203.0.113.9:50123"), 1)).isEqualTo("203.0.113.9");
    assertThat(address(told("6.6.6.6, [2001:db8::9]:50123"), 1)).isEqualTo("2001:db8::9");
    assertThat(address(told("[2001:db8::9]"), 1)).isEqualTo("2001:db8::9");
    assertThat(address(told("[2001:db8::9"), 1)).isEqualTo("192.0.2.1");
    assertThat(address(told(":50123"), 1)).isEqualTo("192.0.2.1");
  }

  @Test
  void severalLinesAreOneList() {
    MultiMap told = told("203.0.113.9").add("x-forwarded-for", "192.0.2.2");

    assertThat(address(told, 2)).isEqualTo("203.0.113.9");
    assertThat(Forwarded.chain(told, PEER)).isEqualTo("203.0.113.9, 192.0.2.2, 192.0.2.1");
  }

  @Test
  void theSchemeIsTheNearestProxys() {
    MultiMap told = told("203.0.113.9").add("x-forwarded-proto", "https");

    assertThat(Forwarded.scheme(told, "http")).isEqualTo("https");
    assertThat(Forwarded.scheme(told.set("x-forwarded-proto", "gopher"), "http")).isEqualTo("http");
  }

  private static String address(MultiMap told, int trusted) {
    return Forwarded.caller(told, PEER, trusted).address();
  }

  private static MultiMap told(String list) {
    return MultiMap.caseInsensitiveMultiMap().add("x-forwarded-for", list);
  }
}
