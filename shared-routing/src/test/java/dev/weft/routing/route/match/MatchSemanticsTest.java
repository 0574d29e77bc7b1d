package dev.weft.routing.route.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.route.DecisionFixture;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.route.RouteTableCompiler;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What each field of {@code HTTPMatchRequest} means, one line a case: the match, a request, and
 * whether it holds. The expectations are Istio's, written by hand.
 */
final class MatchSemanticsTest {

  private static final int LISTENER = 8080;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {exact: /a}                    ; /a          ; yes
          {exact: /a}                    ; /a?q=1      ; yes
          {exact: /a}                    ; /a/         ; no
          {exact: /a}                    ; /A          ; no
          {exact: /a}                    ; /a/b        ; no
          {exact: '/a?q=1'}              ; /a?q=1      ; no
          {prefix: /foo}                 ; /foo        ; yes
          {prefix: /foo}                 ; /foobar     ; yes
          {prefix: /foo}                 ; /foo/bar?q  ; yes
          {prefix: /foo}                 ; /fo         ; no
          {prefix: /foo}                 ; /Foo        ; no
          {prefix: /foo}                 ; /x/foo      ; no
          {prefix: /foo/}                ; /foo        ; no
          {prefix: /}                    ; /anything   ; yes
          {prefix: ''}                   ; /anything   ; yes
          {regex: '/v[0-9]+'}            ; /v12        ; yes
          {regex: '/v[0-9]+'}            ; /v12?q=1    ; yes
          {regex: '/v[0-9]+'}            ; /v12/x      ; no
          {regex: '/v[0-9]+'}            ; /x/v12      ; no
          {regex: '/v[0-9]+'}            ; /V12        ; no
          {regex: '/a|/b'}               ; /a          ; yes
          {regex: '/a|/b'}               ; /b          ; yes
          {regex: '/a|/b'}               ; /ab         ; no
          {regex: '/a|/b'}               ; /a/b        ; no
          {regex: /plain}                ; /plain      ; yes
          {regex: /plain}                ; /plainer    ; no
          {regex: '/plain.*'}            ; /plainer    ; yes
          {regex: '/plain.*'}            ; /plai       ; no
          {regex: '/ab*'}                ; /a          ; yes
          {regex: '/ab?c'}               ; /ac         ; yes
          {regex: '/ab?c'}               ; /abbc       ; no
          {regex: '/ab{2}'}              ; /abb        ; yes
          {regex: '/ab{2}'}              ; /ab         ; no
          {regex: '(?i)/a'}              ; /A          ; yes
          {regex: '.*'}                  ; /anything   ; yes
          """)
  void uri(String uri, String target, String holds) {
    assertHolds("{uri: " + uri + "}", "GET http://a.test" + target, holds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {exact: /Ab}        ; true  ; /aB    ; yes
          {exact: /Ab}        ; true  ; /aBc   ; no
          {exact: /Ab}        ; false ; /aB    ; no
          {prefix: /Ab}       ; true  ; /aBcD  ; yes
          {prefix: /Ab}       ; true  ; /bA    ; no
          {prefix: /Ab}       ; false ; /aBcD  ; no
          {regex: '/Ab.?'}    ; true  ; /Abc   ; yes
          {regex: '/Ab.?'}    ; true  ; /aBc   ; no
          """)
  void ignoreUriCaseConcernsExactAndPrefixOnly(
      String uri, String ignore, String target, String holds) {
    String match = "{uri: %s, ignoreUriCase: %s}".formatted(uri, ignore);
    assertHolds(match, "GET http://a.test" + target, holds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {method: {exact: GET}}                 ; GET http://a.test/       ; yes
          {method: {exact: GET}}                 ; get http://a.test/       ; no
          {method: {exact: GET}}                 ; POST http://a.test/      ; no
          {method: {prefix: P}}                  ; PUT http://a.test/       ; yes
          {method: {prefix: P}}                  ; GET http://a.test/       ; no
          {method: {regex: 'GET|HEAD'}}          ; HEAD http://a.test/      ; yes
          {method: {regex: 'GET|HEAD'}}          ; GETHEAD http://a.test/   ; no
          {scheme: {exact: https}}               ; GET https://a.test/      ; yes
          {scheme: {exact: https}}               ; GET http://a.test/       ; no
          {scheme: {prefix: http}}               ; GET https://a.test/      ; yes
          {scheme: {regex: 'http'}}              ; GET https://a.test/      ; no
          {authority: {exact: a.test}}           ; GET http://a.test/       ; yes
          {authority: {exact: a.test}}           ; GET http://a.test:8080/  ; no
          {authority: {exact: 'a.test:8080'}}    ; GET http://a.test:8080/  ; yes
          {authority: {exact: 'a.test:8080'}}    ; GET http://a.test/       ; no
          {authority: {exact: A.test}}           ; GET http://a.test/       ; no
          {authority: {prefix: a.te}}            ; GET http://a.test:8080/  ; yes
          {authority: {prefix: b}}               ; GET http://a.test/       ; no
          {authority: {regex: '.*:80[0-9]+'}}    ; GET http://a.test:8080/  ; yes
          {authority: {regex: 'a'}}              ; GET http://a.test/       ; no
          """)
  void methodSchemeAndAuthority(String match, String request, String holds) {
    assertHolds(match, request, holds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {headers: {x-user: {exact: ann}}}               ; x-user=ann            ; yes
          {headers: {X-User: {exact: ann}}}               ; x-uSer=ann            ; yes
          {headers: {x-user: {exact: ann}}}               ; x-user=Ann            ; no
          {headers: {x-user: {exact: ann}}}               ; x-user=ann1           ; no
          {headers: {x-user: {exact: ann}}}               ;                       ; no
          {headers: {x-user: {exact: ''}}}                ; x-user=               ; yes
          {headers: {x-user: {exact: ''}}}                ;                       ; no
          {headers: {x-user: {exact: 'ann,bob'}}}         ; x-user=ann x-user=bob ; yes
          {headers: {x-user: {exact: ann}}}               ; x-user=ann x-user=bob ; no
          {headers: {x-user: {prefix: an}}}               ; x-user=ann            ; yes
          {headers: {x-user: {prefix: an}}}               ; x-user=joann          ; no
          {headers: {x-user: {prefix: an}}}               ;                       ; no
          {headers: {x-user: {regex: 'a.n'}}}             ; x-user=ann            ; yes
          {headers: {x-user: {regex: 'a.n'}}}             ; x-user=anne           ; no
          {headers: {x-user: {regex: '.*'}}}              ; x-user=               ; yes
          {headers: {x-user: {regex: '.*'}}}              ;                       ; no
          {headers: {x-user: {}}}                         ; x-user=               ; yes
          {headers: {x-user: {}}}                         ; x-user=any            ; yes
          {headers: {x-user: {}}}                         ;                       ; no
          {headers: {x-user: {regex: '*'}}}               ; x-user=any            ; yes
          {headers: {x-user: {regex: '*'}}}               ;                       ; no
          {headers: {x-a: {exact: '1'}, x-b: {}}}         ; x-a=1 x-b=2           ; yes
          {headers: {x-a: {exact: '1'}, x-b: {}}}         ; x-a=1                 ; no
          {headers: {x-a: {exact: '1'}, x-b: {}}}         ; x-b=2                 ; no
          {headers: {method: {exact: PUT}}}               ;                       ; yes
          {headers: {uri: {exact: /x}, x-a: {}}}          ; x-a=1                 ; yes
          {headers: {authority: {}, scheme: {}, x-a: {}}} ;                       ; no
          {withoutHeaders: {x-user: {exact: ann}}}        ; x-user=ann            ; no
          {withoutHeaders: {x-user: {exact: ann}}}        ; x-user=bob            ; yes
          {withoutHeaders: {x-user: {exact: ann}}}        ;                       ; yes
          {withoutHeaders: {x-user: {prefix: an}}}        ; x-user=ann            ; no
          {withoutHeaders: {x-user: {prefix: an}}}        ; x-user=bob            ; yes
          {withoutHeaders: {x-user: {regex: 'a.n'}}}      ; x-user=ann            ; no
          {withoutHeaders: {x-user: {regex: 'a.n'}}}      ; x-user=anne           ; yes
          {withoutHeaders: {x-user: {regex: 'a.n'}}}      ;                       ; yes
          {withoutHeaders: {x-user: {}}}                  ; x-user=               ; no
          {withoutHeaders: {x-user: {}}}                  ;                       ; yes
          {withoutHeaders: {x-user: {regex: '*'}}}        ; x-user=any            ; no
          {withoutHeaders: {x-user: {regex: '*'}}}        ;                       ; yes
          {withoutHeaders: {x-a: {}, x-b: {exact: '1'}}}  ; x-b=1                 ; no
          {withoutHeaders: {x-a: {}, x-b: {exact: '1'}}}  ; x-b=2                 ; yes
          {withoutHeaders: {method: {exact: GET}}}        ;                       ; yes
          {headers: {x-a: {}}, withoutHeaders: {x-b: {}}} ; x-a=1                 ; yes
          {headers: {x-a: {}}, withoutHeaders: {x-b: {}}} ; x-a=1 x-b=1           ; no
          """)
  void headersAndWithoutHeaders(String match, String headers, String holds) {
    String request = "GET http://a.test/" + (headers == null ? "" : " " + headers);
    assertHolds(match, request, holds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {key: {exact: '1'}}              ; ?key=1          ; yes
          {key: {exact: '1'}}              ; ?a=2&key=1&b    ; yes
          {key: {exact: '1'}}              ; ?key=12         ; no
          {key: {exact: '1'}}              ; ?Key=1          ; no
          {key: {exact: '1'}}              ; ?mykey=1        ; no
          {key: {exact: '1'}}              ; ''              ; no
          {key: {exact: '1'}}              ; ?key=1&key=2    ; yes
          {key: {exact: '2'}}              ; ?key=1&key=2    ; no
          {key: {exact: 'a b'}}            ; ?key=a%20b      ; yes
          {key: {exact: ''}}               ; ?key            ; yes
          {key: {exact: ''}}               ; ?key=           ; yes
          {key: {exact: ''}}               ; ?key=1          ; no
          {key: {exact: ''}}               ; ''              ; no
          {key: {prefix: v}}               ; ?key=v2         ; yes
          {key: {prefix: v}}               ; ?key=2v         ; no
          {key: {prefix: v}}               ; ''              ; no
          {key: {regex: 'v[0-9]'}}         ; ?key=v2         ; yes
          {key: {regex: 'v[0-9]'}}         ; ?key=v22        ; no
          {key: {}}                        ; ?key            ; yes
          {key: {}}                        ; ?key=any        ; yes
          {key: {}}                        ; ?other=key      ; no
          {key: {regex: '*'}}              ; ?key=any        ; yes
          {key: {regex: '*'}}              ; ?other          ; no
          {a: {exact: '1'}, b: {}}         ; ?b&a=1          ; yes
          {a: {exact: '1'}, b: {}}         ; ?a=1            ; no
          """)
  void queryParams(String params, String query, String holds) {
    assertHolds("{queryParams: " + params + "}", "GET http://a.test/" + query, holds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          gateway ; 8080 ; http://a.test/       ; yes
          gateway ; 9090 ; http://a.test/       ; no
          gateway ; 9090 ; http://a.test:9090/  ; no
          gateway ; 8080 ; http://a.test:9090/  ; yes
          mesh    ; 9090 ; http://a.test:9090/  ; yes
          mesh    ; 80   ; http://a.test/       ; yes
          mesh    ; 443  ; https://a.test/      ; yes
          mesh    ; 80   ; https://a.test/      ; no
          mesh    ; 80   ; http://a.test:9090/  ; no
          mesh    ; 8080 ; http://a.test/       ; yes
          """)
  void portIsTheListenersAtAGatewayAndTheDestinationsInTheMesh(
      String place, int port, String url, String holds) {
    RouteTable table =
        place.equals("mesh")
            ? mesh("{port: " + port + "}", "default", Map.of())
            : gateway("{port: " + port + "}", "[default/g]");

    assertThat(holds(table, "GET " + url)).isEqualTo(holds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {sourceLabels: {app: web}}                                ; default ; yes
          {sourceLabels: {app: web, tier: front}}                   ; default ; yes
          {sourceLabels: {app: other}}                              ; default ; no
          {sourceLabels: {app: web, zone: a}}                       ; default ; no
          {sourceNamespace: default}                                ; default ; yes
          {sourceNamespace: default}                                ; prod    ; no
          {sourceNamespace: prod, sourceLabels: {app: web}}         ; prod    ; yes
          {sourceNamespace: prod, sourceLabels: {app: other}}       ; prod    ; no
          {gateways: [mesh]}                                        ; default ; yes
          {gateways: [g]}                                           ; default ; no
          {gateways: [g, mesh]}                                     ; default ; yes
          {gateways: [mesh], sourceLabels: {app: other}}            ; default ; yes
          {gateways: [mesh], sourceNamespace: nowhere}              ; default ; yes
          """)
  void whoCallsIsSettledByTheWorkloadUnlessTheMatchNamesGateways(
      String match, String namespace, String holds) {
    RouteTable table = mesh(match, namespace, Map.of("app", "web", "tier", "front"));

    assertThat(holds(table, "GET http://a.test/")).isEqualTo(holds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          {method: {exact: GET}}                   ; [g]               ; yes
          {method: {exact: GET}}                   ; [default/g]       ; yes
          {method: {exact: GET}}                   ; [./g]             ; yes
          {method: {exact: GET}}                   ; [g.default.svc]   ; yes
          {method: {exact: GET}}                   ; [prod/g]          ; no
          {method: {exact: GET}}                   ; [other]           ; no
          {method: {exact: GET}}                   ; [mesh]            ; no
          {gateways: [g]}                          ; [mesh]            ; yes
          {gateways: [default/g]}                  ; [other]           ; yes
          {gateways: [other]}                      ; [g]               ; no
          {gateways: [mesh]}                       ; [g, mesh]         ; no
          {sourceLabels: {app: web}}               ; [g, mesh]         ; no
          {sourceNamespace: default}               ; [g, mesh]         ; no
          {gateways: [g], sourceNamespace: other}  ; [mesh]            ; yes
          """)
  void aMatchsGatewaysOverrideThoseOfItsService(String match, String gateways, String holds) {
    assertThat(holds(gateway(match, gateways), "GET http://a.test/")).isEqualTo(holds);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          GET http://a.test/one x-a=1    ; yes
          GET http://a.test/two          ; yes
          GET http://a.test/one          ; no
          POST http://a.test/one x-a=1   ; no
          POST http://a.test/two         ; yes
          GET http://a.test/three x-a=1  ; no
          """)
  void entriesAreAlternativesAndAllOfOneEntryMustHold(String request, String holds) {
    String first = "{uri: {exact: /one}, method: {exact: GET}, headers: {x-a: {exact: '1'}}}";
    assertHolds(first + ", {uri: {prefix: /tw}}", request, holds);
  }

  private static void assertHolds(String match, String request, String holds) {
    assertThat(holds(mesh(match, "default", Map.of()), request))
        .as("%s: %s", match, request)
        .isEqualTo(holds);
  }

  private static String holds(RouteTable table, String request) {
    Decision decision = DecisionFixture.decide(table, request, LISTENER);
    if (decision.action() instanceof Decision.Direct direct) {
      assertThat(direct.status()).isEqualTo(299);
      return "yes";
    }
    assertThat(decision.route()).isEqualTo(Decision.RouteId.NONE);
    return "no";
  }

  private static RouteTable mesh(String match, String namespace, Map<String, String> labels) {
    return RouteTableCompiler.mesh(load(match, "[mesh]"), namespace, labels);
  }

  private static RouteTable gateway(String match, String gateways) {
    return RouteTableCompiler.gateways(
        load(match, gateways),
        Map.of("default/g", List.of(new Gateway.Host("*", "*"))),
        "default",
        Map.of("app", "web"),
        new RouteTableCompiler.Memory());
  }

  private static MeshConfig load(String match, String gateways) {
    String text =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: t}
        spec:
          hosts: [a.test]
          gateways: %s
          http: [{match: [%s], directResponse: {status: 299}}]
        """
            .formatted(gateways, match);
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", text)));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    return result.config();
  }
}
