package dev.weft.routing.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpeechTest {

  @ParameterizedTest
  @CsvSource({
    "http, 80, HTTP",
    "HTTP2, 3306, HTTP",
    "grpc-web, 80, HTTP",
    "grpc-api, 80, HTTP",
    "http-admin, 80, HTTP",
    "kubernetes.io/h2c, 80, HTTP",
    "kubernetes.io/wss, 80, TLS",
    "https, 443, TLS",
    "tls-db, 3306, TLS",
    "tcp-db, 80, OPAQUE",
    "mysql, 80, OPAQUE",
    "REDIS, 80, OPAQUE",
    "'', 3306, OPAQUE",
    "'', 25, OPAQUE",
    "smtp-in, 8025, OPAQUE",
    "'', 21, OPAQUE",
    "ftp, 8021, OPAQUE",
    "metrics, 6379, OPAQUE",
    "'', 8080, UNKNOWN",
    "httpd, 8080, UNKNOWN",
    "-, 8080, UNKNOWN",
    "web-http, 8080, UNKNOWN"
  })
  void itsNameTellsOrElseItsNumber(String protocol, int port, Speech expected) {
    assertThat(Speech.of(protocol, port)).isEqualTo(expected);
  }
}
