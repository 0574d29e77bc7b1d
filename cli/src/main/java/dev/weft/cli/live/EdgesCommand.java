package dev.weft.cli.live;

import dev.weft.cli.admin.AdminPort;
import dev.weft.cli.admin.Admins;
import dev.weft.cli.admin.Table;
import dev.weft.cli.admin.Telling;
import dev.weft.cli.live.TcpTraffic.Connections;
import dev.weft.cli.live.Traffic.Edge;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weft edges}: who talks to whom. */
@Command(
    name = "edges",
    mixinStandardHelpOptions = true,
    description = {
      "Tells who talks to whom, over which identity, with TLS or without, as the proxies that are",
      "asked counted it since they began: requests, and below them connections that are not HTTP.",
      "Each end counts, so an edge whose two proxies are asked stands there twice.",
      "",
      "  ./weft edges --admin 15000",
      ""
    })
public final class EdgesCommand implements Callable<Integer> {

  @Mixin private final Admins admins = new Admins();

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> metrics = new ArrayList<>();
    for (AdminPort admin : admins.ports("proxy")) {
      metrics.add(admin.text("/metrics"));
    }
    Map<Edge, Count> edges = Counting.together(metrics.stream().map(Traffic::of).toList());
    Map<Edge, Connections> tcp = TcpTraffic.of(metrics);
    telling.tell(telling.json() ? json(edges, tcp) : text(edges, tcp));
    return 0;
  }

  static String text(Map<Edge, Count> edges, Map<Edge, Connections> tcp) {
    String requests = requests(edges);
    String connections = connections(tcp);
    if (connections.isEmpty()) {
      return requests.isEmpty() ? "nothing was asked for yet" : requests;
    }
    return requests.isEmpty() ? connections : requests + "\n\n" + connections;
  }

  private static String connections(Map<Edge, Connections> tcp) {
    Table table =
        new Table(
            "FROM",
            "IDENTITY",
            "TO",
            "VERSION",
            "SERVICE",
            "TLS",
            "CONNECTIONS",
            "OPEN",
            "BYTES IN",
            "BYTES OUT",
            "SEEN BY");
    tcp.forEach(
        (edge, count) ->
            table.row(
                edge.source().workload(),
                edge.source().identity(),
                edge.destination().workload(),
                edge.destination().version(),
                edge.service(),
                edge.security(),
                count.opened(),
                count.open(),
                count.received(),
                count.sent(),
                edge.reporter()));
    return table.empty() ? "" : String.join("\n", table.lines());
  }

  private static String requests(Map<Edge, Count> edges) {
    Table table =
        new Table(
            "FROM",
            "IDENTITY",
            "TO",
            "VERSION",
            "SERVICE",
            "TLS",
            "REQUESTS",
            "SUCCESS",
            "SEEN BY");
    edges.forEach(
        (edge, count) ->
            table.row(
                edge.source().workload(),
                edge.source().identity(),
                edge.destination().workload(),
                edge.destination().version(),
                edge.service(),
                edge.security(),
                (long) count.all(),
                String.format(Locale.ROOT, "%.2f%%", count.success()),
                edge.reporter()));
    return table.empty() ? "" : String.join("\n", table.lines());
  }

  private static String json(Map<Edge, Count> edges, Map<Edge, Connections> tcp) {
    JsonArray requests = new JsonArray();
    edges.forEach(
        (edge, count) ->
            requests.add(
                edge(edge)
                    .put("requests", (long) count.all())
                    .put("failed", (long) count.failed())));
    JsonArray connections = new JsonArray();
    tcp.forEach(
        (edge, count) ->
            connections.add(
                edge(edge)
                    .put("connections", count.opened())
                    .put("open", count.open())
                    .put("bytes_in", count.received())
                    .put("bytes_out", count.sent())));
    return new JsonObject().put("edges", requests).put("tcp", connections).encodePrettily();
  }

  private static JsonObject edge(Edge edge) {
    return new JsonObject()
        .put("source", end(edge.source()))
        .put("service", edge.service())
        .put("destination", end(edge.destination()))
        .put("security", edge.security())
        .put("reporter", edge.reporter());
  }

  private static JsonObject end(Traffic.End end) {
    return new JsonObject()
        .put("workload", end.workload())
        .put("version", end.version())
        .put("identity", end.identity());
  }
}
