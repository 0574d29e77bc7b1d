package dev.weft.control.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GateTest {

  private static final String LIST = "/api/v1/namespaces/-/services";
  private static final String WATCH =
      LIST + "?watch=true&allowWatchBookmarks=true&resourceVersion=";
  private static final String GOOD = "Bearer secret";

  private final Gate gate = new Gate("secret");

  @Test
  void whatTheImporterAsksIsGood() {
    assertThat(gate.refusal("GET", LIST, GOOD)).isEmpty();
    assertThat(gate.refusal("GET", WATCH + "17", GOOD)).isEmpty();
    assertThat(Gate.watchedFrom(LIST)).isEmpty();
    assertThat(Gate.watchedFrom(WATCH + "17")).hasValue(17);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Bearer secre",
        "Bearer secret2",
        "bearer secret",
        "secret"
      })
  void whoHasNotTheTokenGetsNothingAndLearnsNothing(String shown) {
    assertThat(gate.refusal("GET", LIST, shown)).isEqualTo(OptionalInt.of(401));
    assertThat(gate.refusal("POST", "/api/v1/secrets", shown)).isEqualTo(OptionalInt.of(401));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "get"})
  void nothingIsWritten(String method) {
    assertThat(gate.refusal(method, LIST, GOOD)).isEqualTo(OptionalInt.of(405));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "*",
        "/api/v1/pods",
        "/api/v1/secrets",
        "/api/v1/services",
        "/api/v1/namespaces/-/secrets",
        "/api/v1/namespaces/-/pods",
        "/api/v1/namespaces/default/services",
        "/api/v1/namespaces/-/services/",
        "/api/v1/namespaces/-/services/../secrets",
        "/api/v1/namespaces/-/services/%2e%2e/secrets",
        "/api/v1/namespaces/-/services/..%2fsecrets",
        "/api/v1/namespaces/-/../-/services",
        "/api/v1/namespaces/%2d/services",
        "/api/v1/namespaces/-/services%00",
        "/api/v1/namespaces/-/services;x",
        "/api/v1/namespaces/-/services/web/proxy",
        "//api/v1/namespaces/-/services",
        "/API/v1/namespaces/-/services",
        "http://127.0.0.1/api/v1/namespaces/-/services",
        "/api/v1/namespaces/-/services#",
        "/api/v1/namespaces/-/services?",
        "/api/v1/namespaces/-/services?limit=1",
        "/api/v1/namespaces/-/services?watch=true",
        "/api/v1/namespaces/-/services?watch=true&allowWatchBookmarks=true&resourceVersion=",
        "/api/v1/namespaces/-/services?watch=true&allowWatchBookmarks=true&resourceVersion=null",
        "/api/v1/namespaces/-/services?watch=true&allowWatchBookmarks=true&resourceVersion=-1",
        "/api/v1/namespaces/-/services?watch=true&allowWatchBookmarks=true&resourceVersion=1&x=1",
        "/api/v1/namespaces/-/services?watch=true&allowWatchBookmarks=true&resourceVersion=%31",
        "/api/v1/namespaces/-/services?watch=true&allowWatchBookmarks=true&resourceVersion="
            + "1234567890123456789",
      })
  void nothingElseIsRead(String target) {
    assertThat(gate.refusal("GET", target, GOOD)).isEqualTo(OptionalInt.of(403));
  }
}
