package dev.weft.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.live.Traffic.Edge;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is made of metrics, rules, entries and proxies for people to read. */
final class TrafficTest {

  private static final String LABELS =
      "source_workload=\"%s\",source_workload_namespace=\"shop\",source_principal=\"spiffe://a\","
          + "destination_workload=\"search-%2$s\",destination_workload_namespace=\"prod\","
          + "destination_version=\"%2$s\",destination_principal=\"spiffe://b\","
          + "destination_service=\"search.prod\",connection_security_policy=\"mutual_tls\","
          + "reporter=\"destination\"";

  private static String metrics(String source, String version, long good, long bad) {
    String labels = LABELS.formatted(source, version);
    long all = good + bad;
    return """
    # TYPE istio_requests_total counter
    istio_requests_total{%1$s,response_code="200"} %2$d
    istio_requests_total{%1$s,response_code="503"} %3$d # {trace_id="x"} 1
    istio_request_duration_milliseconds_bucket{%1$s,response_code="200",le="5"} %4$d
    istio_request_duration_milliseconds_bucket{%1$s,response_code="200",le="10"} %5$d
    istio_request_duration_milliseconds_bucket{%1$s,response_code="200",le="+Inf"} %5$d
    istio_request_duration_milliseconds_sum{%1$s,response_code="200"} 12.5
    weft_upstream_in_flight{cluster="c"} 3
    """
        .formatted(labels, good, bad, all / 2, all);
  }

  @Test
  void whatCameSinceIsTheDifferenceAndAProxyThatBeganAnewCountsFromZero() {
    Map<Edge, Count> first = Traffic.of(metrics("web", "v1", 90, 10));
    Map<Edge, Count> later = Traffic.of(metrics("web", "v1", 190, 10));
    Map<Edge, Count> anew = Traffic.of(metrics("web", "v1", 3, 1));

    Count since = Counting.since(first, later).values().iterator().next();
    Count fresh = Counting.since(later, anew).values().iterator().next();

    assertThat(since.all()).isEqualTo(100);
    assertThat(since.success()).isEqualTo(100);
    assertThat(since.millis().count()).isEqualTo(100);
    assertThat(fresh.all()).isEqualTo(4);
    assertThat(fresh.success()).isEqualTo(75);
  }

  @Test
  void aCallOfGrpcFailsByItsOwnStatus() {
    String calls =
        metrics("web", "v1", 8, 2)
            .replace("response_code=\"503\"", "response_code=\"200\",grpc_response_status=\"14\"");

    assertThat(Traffic.of(calls).values())
        .singleElement()
        .extracting(Count::success)
        .isEqualTo(80.0);
  }

  @Test
  void atTheSourceTheIdentitiesTellWhatIstiosLabelDoesNot() {
    String atSource = metrics("web", "v1", 1, 0).replace("mutual_tls", "unknown");
    String plain = atSource.replace("spiffe://a", "unknown").replace("spiffe://b", "unknown");
    String nobody =
        plain.replaceAll("destination_workload=\"[^\"]*\"", "destination_workload=\"unknown\"");

    assertThat(only(atSource).security()).isEqualTo("mutual_tls");
    assertThat(only(atSource).told()).isEqualTo("mutual_tls");
    assertThat(only(plain).security()).isEqualTo("unknown");
    assertThat(only(plain).told()).isEqualTo("no mTLS");
    assertThat(only(nobody).told()).as("it reached nobody").isEqualTo("unknown");
  }

  private static Edge only(String metrics) {
    return Traffic.of(metrics).keySet().iterator().next();
  }

  @Test
  void severalProxiesAreAddedUp() {
    Map<Edge, Count> both =
        Counting.together(
            List.of(
                Traffic.of(metrics("web", "v1", 90, 10)), Traffic.of(metrics("web", "v1", 50, 0))));

    assertThat(both.values()).singleElement().extracting(Count::all).isEqualTo(150.0);
    assertThat(EdgesCommand.text(both, Map.of()).lines().toList().get(1))
        .isEqualTo(
            "shop/web  spiffe://a  prod/search-v1  v1       search.prod  mutual_tls  150       "
                + "93.33%   destination");
  }

  @Test
  void connectionsThatAreNotHttpAreEdgesToo() {
    String labels = LABELS.formatted("web", "v1");
    String metrics =
        """
        istio_tcp_connections_opened_total{%1$s,request_protocol="tcp"} 7.0
        istio_tcp_connections_closed_total{%1$s,request_protocol="tcp"} 5.0
        istio_tcp_received_bytes_total{%1$s,request_protocol="tcp"} 100.0
        istio_tcp_sent_bytes_total{%1$s,request_protocol="tcp"} 2000.0
        """
            .formatted(labels);

    Map<Edge, TcpTraffic.Connections> one = TcpTraffic.of(metrics);
    String text = EdgesCommand.text(Map.of(), TcpTraffic.together(List.of(one, one)));

    assertThat(text.lines().toList())
        .containsExactly(
            "FROM      IDENTITY    TO              VERSION  SERVICE      TLS         CONNECTIONS"
                + "  OPEN  BYTES IN  BYTES OUT  SEEN BY",
            "shop/web  spiffe://a  prod/search-v1  v1       search.prod  mutual_tls  14         "
                + "  4     200       4000       destination");
    assertThat(EdgesCommand.text(Map.of(), Map.of())).isEqualTo("nothing was asked for yet");
  }

  @Test
  void whatFailsStandsFirst() {
    Map<Edge, Count> since =
        Traffic.of(metrics("web", "v1", 1000, 0) + metrics("web", "v2", 10, 10));

    List<String> lines =
        Screen.text(
                List.of(
                    TopTable.services(since, 10, 200),
                    TopTable.routes(Map.of(), 10, 200),
                    TopTable.busy(Series.of(metrics("a", "b", 0, 0), TopTable.UPSTREAMS), 200)))
            .lines()
            .toList();

    assertThat(lines.get(1)).contains("v2", "2.0", "50.00%", "5.0ms", "9.0ms", "9.9ms");
    assertThat(lines.get(2)).contains("v1", "100.0", "100.00%");
    assertThat(lines.get(5)).contains("c ", "3", "closed");
  }

  @Test
  void labelsAreReadWithWhatStandsEscapedInThem() {
    List<Series> series =
        Series.of("a{b=\"x\\\"} 1\\\\\",c=\"y\\nz\"} 7 1700000000\nab{} 1\n", Set.of("a"));

    assertThat(series).containsExactly(new Series("a", Map.of("b", "x\"} 1\\", "c", "y\nz"), 7));
  }

  @Test
  void nothingSteersTheTerminal() {
    JsonObject entry =
        new JsonObject()
            .put("time", "2026-01-01T00:00:00.000Z")
            .put("status", 503)
            .put("method", "GET")
            .put("authority", "a.test")
            .put("path", "/\u001b[2J\u202e\n")
            .put("duration_ms", 1.5)
            .put("principal", "spiffe://a")
            .put("cluster", "c")
            .put("endpoint", "127.0.0.1:1")
            .put("attempts", 2)
            .put("request_id", "4bf9")
            .put("cause", "connect_refused")
            .put("detail", "no");

    assertThat(TapCommand.text(entry))
        .isEqualTo(
            "2026-01-01T00:00:00.000Z 503     1.500ms GET a.test/?[2J?? <- spiffe://a -> c "
                + "127.0.0.1:1 (2 tries) id 4bf9 connect_refused: no");
  }

  @Test
  void rulesTellWhereTheyLead() {
    JsonObject split =
        new JsonObject()
            .put("hosts", new JsonArray().add("a.test"))
            .put("name", "default/a#0")
            .put("match", "every request")
            .put("place", "a.yaml:1:1")
            .put(
                "shares",
                new JsonArray()
                    .add(new JsonObject().put("cluster", "v1").put("weight", 95))
                    .add(new JsonObject().put("cluster", "v2").put("weight", 5)));

    assertThat(RoutesCommand.text(List.of(split))).contains("95 v1 + 5 v2");
    assertThat(RoutesCommand.text(List.of(split.copy().put("action", "redirect 301 /new"))))
        .contains("redirect 301 /new");
  }

  @Test
  void proxiesTellWhatTheyRefused() {
    JsonObject good =
        new JsonObject()
            .put("identity", "spiffe://a")
            .put("acknowledged", 7L)
            .put("sentSeconds", 3L)
            .put("connectedSeconds", 60L)
            .put("sent", 8L)
            .put("kind", "sidecar")
            .put("weft", "weft 1.0")
            .put("certificate", new JsonObject().put("secondsLeft", 93_600L))
            .put("inSync", true);
    JsonObject bad =
        good.copy()
            .put("address", "10.0.0.7:4711")
            .put("inSync", false)
            .put("refused", new JsonObject().put("version", 8L).put("why", "no such cluster"));
    JsonObject late = good.copy().put("address", "10.0.0.7:4712").put("inSync", false);
    JsonObject older =
        late.copy()
            .put("address", "10.0.0.7:4713")
            .put("refused", new JsonObject().put("version", 6L).put("why", "no"));
    JsonObject other =
        good.copy()
            .put("weft", "weft 1.1")
            .put("pod", "a-68d4-x2x9k")
            .put("acknowledged", 8L)
            .put("certificate", new JsonObject().put("secondsLeft", -1L));
    JsonObject gone = good.copy().put("inSync", false).put("leftSeconds", 3_700L);
    JsonObject replica =
        new JsonObject()
            .put("version", 8L)
            .put("proxies", new JsonArray().add(good).add(other).add(bad).add(late).add(older))
            .put("away", new JsonArray().add(gone));

    assertThat(StatusCommand.text(List.of(replica)).lines())
        .containsExactly(
            "PROXY            VERSION  SINCE  CONNECTED  CERTIFICATE  STATE",
            "spiffe://a, sidecar, weft 1.0",
            "  -              7        3s     1m0s       1d2h left    in sync",
            "  10.0.0.7:4711  7        3s     1m0s       1d2h left    refused 8: no such cluster",
            "  10.0.0.7:4712  7        3s     1m0s       1d2h left    not yet 8",
            "  10.0.0.7:4713  7        3s     1m0s       1d2h left    not yet 8, refused 6: no",
            "  -              7        -      -          1d2h left    left 1h1m ago",
            "spiffe://a, sidecar, weft 1.1",
            "  a-68d4-x2x9k   8        3s     1m0s       ended        in sync");
  }

  @Test
  void aProxysRowFitsATerminalAlsoWhereItIsAPodWithALongName() {
    JsonObject pod =
        new JsonObject()
            .put("identity", "spiffe://cluster.local/ns/default/sa/bookinfo-reviews")
            .put("weft", "weft 1.0.0")
            .put("kind", "sidecar")
            .put("pod", "reviews-v1-545db77b95-2x7kq")
            .put("acknowledged", 117L)
            .put("sent", 117L)
            .put("sentSeconds", 86_399L)
            .put("connectedSeconds", 86_399L)
            .put("certificate", new JsonObject().put("secondsLeft", 86_399L))
            .put("inSync", true);
    JsonObject replica = new JsonObject().put("proxies", new JsonArray().add(pod));

    assertThat(StatusCommand.text(List.of(replica)).lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80))
        .last()
        .isEqualTo(
            "  reviews-v1-545db77b95-2x7kq  117      23h59m  23h59m     23h59m left  in sync");
  }
}
