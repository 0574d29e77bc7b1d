package dev.weft.testkit.prometheus;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.WebProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The machine's own {@code prometheus} (Debian: package {@code prometheus}) as a process of a test,
 * on a free port of loopback, with a configuration and data of its own. It ends with this JVM at
 * the latest.
 */
public final class PrometheusServer implements AutoCloseable {

  /** The program's name. */
  public static final String PROGRAM = "prometheus";

  private final WebProcess server;

  private PrometheusServer(WebProcess server) {
    this.server = server;
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param folder of its own, which is there
   * @param scrape all of {@code prometheus.yml}
   */
  public static PrometheusServer start(Path folder, String scrape)
      throws IOException, InterruptedException {
    Path settings = Files.writeString(folder.resolve("prometheus.yml"), scrape);
    int port = FreePorts.next();
    ProcessBuilder command =
        new ProcessBuilder(
            PROGRAM,
            "--config.file=" + settings,
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--web.listen-address=127.0.0.1:" + port,
            "--enable-feature=exemplar-storage");
    return new PrometheusServer(
        WebProcess.start(PROGRAM, command, port, folder.resolve("prometheus.log"), "/-/ready"));
  }

  /**
   * What a page of the API has in {@code data}.
   *
   * @param path with its query, e.g. {@code /api/v1/targets}
   * @throws IOException where it answers anything but success; the message has what it said
   */
  private Object data(String path) throws IOException, InterruptedException {
    return new JsonObject(server.page(path)).getValue("data");
  }

  /** The targets that it scrapes. */
  public List<JsonObject> targets() throws IOException, InterruptedException {
    JsonObject data = (JsonObject) data("/api/v1/targets?state=active");
    return objects(data.getJsonArray("activeTargets"));
  }

  /**
   * What a query gives, by the values of some labels.
   *
   * @param at the moment that is asked for
   * @param labels whose values tell one result from another; absent ones are empty
   * @throws IOException where two results have the same values, or the query is refused
   */
  public Map<List<String>, Double> asked(String query, Instant at, String... labels)
      throws IOException, InterruptedException {
    JsonObject data =
        (JsonObject)
            data("/api/v1/query?query=" + quoted(query) + "&time=" + at.toEpochMilli() / 1000.0);
    Map<List<String>, Double> found = new TreeMap<>(Comparator.comparing(List::toString));
    for (JsonObject one : objects(data.getJsonArray("result"))) {
      JsonObject metric = one.getJsonObject("metric");
      List<String> key = List.of(labels).stream().map(name -> metric.getString(name, "")).toList();
      double value = Double.parseDouble(one.getJsonArray("value").getString(1));
      if (found.put(key, value) != null) {
        throw new IOException(query + ": " + key + " twice in " + data.encode());
      }
    }
    return found;
  }

  /**
   * The one number that a query gives.
   *
   * @throws IOException where it gives none or several, or is refused
   */
  public double number(String query, Instant at) throws IOException, InterruptedException {
    Map<List<String>, Double> found = asked(query, at);
    if (found.size() != 1) {
      throw new IOException(query + ": " + found.size() + " results");
    }
    return found.values().iterator().next();
  }

  /** The labels of all exemplars that it keeps of some series, e.g. their {@code trace_id}. */
  public List<JsonObject> exemplars(String series, Instant from, Instant to)
      throws IOException, InterruptedException {
    JsonArray data =
        (JsonArray)
            data(
                "/api/v1/query_exemplars?query="
                    + quoted(series)
                    + "&start="
                    + from.getEpochSecond()
                    + "&end="
                    + (to.getEpochSecond() + 1));
    return objects(data).stream()
        .flatMap(one -> objects(one.getJsonArray("exemplars")).stream())
        .map(one -> one.getJsonObject("labels"))
        .toList();
  }

  /** What it complained about so far, one line each. */
  public String complaints() throws IOException {
    return server
        .said()
        .lines()
        .filter(line -> line.contains("level=warn") || line.contains("level=error"))
        .collect(Collectors.joining("\n"));
  }

  private static List<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast).toList();
  }

  private static String quoted(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.close();
  }
}
