package dev.weft.cli.live;

import dev.weft.cli.admin.Admins;
import dev.weft.cli.admin.Proxies;
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
      "Tells who talks to whom, over which identity, with TLS or without, as the",
      "proxies that are asked counted it since they began: requests, and below them",
      "connections that are not HTTP. Each end counts, so an edge whose two proxies",
      "are asked stands there twice. A control plane's port stands for all proxies",
      "that listen to it.",
      "Exit 1 where a port that was named does not answer: the others are told.",
      "",
      "  ./weft edges --admin 15000",
      ""
    })
public final class EdgesCommand implements Callable<Integer> {

  @Mixin private final Admins admins = new Admins();

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Proxies asked = admins.proxies();
    telling.unheard(asked);
    Proxies.Answers<Told> answers = asked.ask(port -> Told.of(port.text("/metrics")));
    telling.silent(answers);
    List<Told> told = List.copyOf(answers.told().values());
    Map<Edge, Count> edges = Counting.together(told.stream().map(Told::requests).toList());
    Map<Edge, Connections> tcp = TcpTraffic.together(told.stream().map(Told::connections).toList());
    telling.tell(telling.json() ? json(edges, tcp) : text(edges, tcp));
    return answers.code();
  }

  /** What one proxy counted. */
  private record Told(Map<Edge, Count> requests, Map<Edge, Connections> connections) {
    private static Told of(String metrics) {
      return new Told(Traffic.of(metrics), TcpTraffic.of(metrics));
    }
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
    Table table = table("CONNECTIONS", "OPEN", "BYTES IN", "BYTES OUT");
    tcp.forEach(
        (edge, count) ->
            row(table, edge, count.opened(), count.open(), count.received(), count.sent()));
    return table.empty() ? "" : String.join("\n", table.lines());
  }

  private static String requests(Map<Edge, Count> edges) {
    Table table = table("REQUESTS", "SUCCESS");
    edges.forEach(
        (edge, count) ->
            row(
                table,
                edge,
                (long) count.all(),
                String.format(Locale.ROOT, "%.2f%%", count.success())));
    return table.empty() ? "" : String.join("\n", table.lines());
  }

  /** With columns of what was counted between those that every edge has. */
  private static Table table(String... counted) {
    List<String> head =
        new ArrayList<>(List.of("FROM", "IDENTITY", "TO", "VERSION", "SERVICE", "TLS"));
    head.addAll(List.of(counted));
    head.add("SEEN BY");
    return new Table(head.toArray(String[]::new));
  }

  private static void row(Table table, Edge edge, Object... counted) {
    List<Object> cells =
        new ArrayList<>(
            List.of(
                edge.source().workload(),
                edge.source().identity(),
                edge.destination().workload(),
                edge.destination().version(),
                edge.service(),
                edge.told()));
    cells.addAll(List.of(counted));
    cells.add(edge.reporter());
    table.row(cells.toArray());
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
