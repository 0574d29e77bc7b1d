package dev.weft.cli.live;

import dev.weft.cli.admin.AdminPort;
import dev.weft.cli.admin.Admins;
import dev.weft.cli.admin.Table;
import dev.weft.cli.admin.Telling;
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
      "asked counted it since they began. Each end counts, so an edge whose two proxies are asked",
      "stands there twice.",
      "",
      "  ./weft edges --admin 15000",
      ""
    })
public final class EdgesCommand implements Callable<Integer> {

  @Mixin private final Admins admins = new Admins();

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Map<Edge, Count>> all = new ArrayList<>();
    for (AdminPort admin : admins.ports("proxy")) {
      all.add(Traffic.of(admin.text("/metrics")));
    }
    Map<Edge, Count> edges = Traffic.together(all);
    telling.tell(telling.json() ? json(edges) : text(edges));
    return 0;
  }

  static String text(Map<Edge, Count> edges) {
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
    return table.empty() ? "nothing was asked for yet" : String.join("\n", table.lines());
  }

  private static String json(Map<Edge, Count> edges) {
    JsonArray all = new JsonArray();
    edges.forEach(
        (edge, count) ->
            all.add(
                new JsonObject()
                    .put("source", end(edge.source()))
                    .put("service", edge.service())
                    .put("destination", end(edge.destination()))
                    .put("security", edge.security())
                    .put("reporter", edge.reporter())
                    .put("requests", (long) count.all())
                    .put("failed", (long) count.failed())));
    return new JsonObject().put("edges", all).encodePrettily();
  }

  private static JsonObject end(Traffic.End end) {
    return new JsonObject()
        .put("workload", end.workload())
        .put("version", end.version())
        .put("identity", end.identity());
  }
}
