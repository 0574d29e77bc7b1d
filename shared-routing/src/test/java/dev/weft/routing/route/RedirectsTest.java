package dev.weft.routing.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Decision.Redirect;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each redirect and the {@code Location} that a request through port 8443 is told. */
final class RedirectsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {uri: /new}                           ; http://a.test/old/x?q=1 ; 301 http://a.test/new?q=1
          {uri: /new, redirectCode: 308}        ; http://a.test/old       ; 308 http://a.test/new
          {uri: /new, redirectCode: 302}        ; http://a.test/old       ; 302 http://a.test/new
          {uri: /new, redirectCode: 303}        ; http://a.test/old       ; 303 http://a.test/new
          {uri: /new, redirectCode: 307}        ; http://a.test/old       ; 307 http://a.test/new
          {uri: new}                            ; http://a.test/old       ; 301 http://a.test/new
          {uri: '/new?a=b'}                     ; http://a.test/old?q=1   ; 301 http://a.test/new?a=b
          {uri: /new}                           ; http://a.test:8080/old  ; 301 http://a.test:8080/new
          {prefixRewrite: /new}                 ; http://a.test/old/x?q=1 ; 301 http://a.test/new/x?q=1
          {prefixRewrite: /new}                 ; http://a.test/old       ; 301 http://a.test/new
          {prefixRewrite: /new}                 ; http://a.test/older     ; 301 http://a.test/newer
          {prefixRewrite: /}                    ; http://a.test/old/x     ; 301 http://a.test//x
          {prefixRewrite: new}                  ; http://a.test/old/x     ; 301 http://a.test/new/x
          {authority: b.test}                   ; http://a.test/old?q     ; 301 http://b.test/old?q
          {authority: 'b.test:99'}              ; http://a.test/old       ; 301 http://b.test:99/old
          {authority: b.test}                   ; http://a.test:8080/old  ; 301 http://b.test/old
          {scheme: https}                       ; http://a.test/old       ; 301 https://a.test/old
          {scheme: https}                       ; http://a.test:8080/old  ; 301 https://a.test/old
          {scheme: http, uri: /new}             ; https://a.test/old      ; 301 http://a.test/new
          {port: 9000}                          ; http://a.test/old       ; 301 http://a.test:9000/old
          {port: 9000}                          ; http://a.test:80/old    ; 301 http://a.test:9000/old
          {port: 80}                            ; http://a.test:8080/old  ; 301 http://a.test/old
          {port: 443}                           ; https://a.test:8443/old ; 301 https://a.test/old
          {port: 443}                           ; http://a.test/old       ; 301 http://a.test:443/old
          {scheme: https, port: 80}             ; http://a.test/old       ; 301 https://a.test:80/old
          {scheme: https, port: 443}            ; http://a.test/old       ; 301 https://a.test/old
          {authority: 'b.test:80'}              ; http://a.test/old       ; 301 http://b.test/old
          {authority: 'b.test:443'}             ; https://a.test/old      ; 301 https://b.test/old
          {authority: b.test, port: 9000}       ; http://a.test/old       ; 301 http://b.test:9000/old
          {derivePort: FROM_REQUEST_PORT}       ; http://a.test/old       ; 301 http://a.test:8443/old
          {scheme: https, derivePort: FROM_REQUEST_PORT} ; http://a.test/old ; 301 https://a.test:8443/old
          {authority: b.test, derivePort: FROM_REQUEST_PORT} ; http://a.test/old ; 301 http://b.test:8443/old
          {scheme: https, derivePort: FROM_PROTOCOL_DEFAULT} ; http://a.test:8080/old ; 301 https://a.test/old
          {uri: /n, authority: b.test, scheme: https} ; http://a.test/old ; 301 https://b.test/n
          """)
  void aRequestIsSentElsewhere(String redirect, String url, String location) {
    RouteTable table =
        DecisionFixture.rules("[{match: [{uri: {prefix: /old}}], redirect: " + redirect + "}]");

    Redirect told = (Redirect) DecisionFixture.decide(table, "GET " + url, 8443).action();

    assertThat(told.status() + " " + told.location()).isEqualTo(location);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {prefix: /OLD}, ignoreUriCase: true ; http://a.test/old/x ; http://a.test/new/x
          {prefix: /}                         ; http://a.test/old/x ; http://a.test/newold/x
          {prefix: ''}                        ; http://a.test/old/x ; http://a.test/new/old/x
          """)
  void aPrefixIsWhatTheMatchNames(String uri, String url, String location) {
    RouteTable table =
        DecisionFixture.rules("[{match: [{uri: " + uri + "}], redirect: {prefixRewrite: /new}}]");

    Redirect told = (Redirect) DecisionFixture.decide(table, "GET " + url, 80).action();

    assertThat(told.location()).isEqualTo(location);
  }
}
