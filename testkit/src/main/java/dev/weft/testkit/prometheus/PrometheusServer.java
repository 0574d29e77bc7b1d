package dev.weft.testkit.prometheus;

import dev.weft.testkit.FreePorts;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The machine's own {@code prometheus} (Debian: package {@code prometheus}) as a process of a test,
 * on a free port of loopback, with a configuration and data of its own. It ends with this JVM at
 * the latest.
 */
public final class PrometheusServer implements AutoCloseable {

  /** The program's name. */
  public static final String PROGRAM = "prometheus";

  private static final int ROUNDS = 600;
  private static final int PAUSE_MILLIS = 100;

  private final Process process;
  private final int port;
  private final Path log;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private PrometheusServer(Process process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end of " + PROGRAM));
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
    Path log = folder.resolve("prometheus.log");
    int port = FreePorts.next();
    Process process =
        new ProcessBuilder(
                PROGRAM,
                "--config.file=" + settings,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--enable-feature=exemplar-storage")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    PrometheusServer server = new PrometheusServer(process, port, log);
    for (int i = 0; i < ROUNDS; i++) {
      if (process.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException(PROGRAM + " ended: " + Files.readString(log));
      }
      if (server.ready()) {
        return server;
      }
    }
    server.close();
    throw new IOException(PROGRAM + " is not ready after a minute");
  }

  private boolean ready() throws InterruptedException {
    try {
      return got("/-/ready").startsWith("200 ");
    } catch (IOException notYet) {
      return false;
    }
  }

  /** A page: the status, a blank, the body. */
  private String got(String path) throws IOException, InterruptedException {
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
            .timeout(Duration.ofSeconds(10))
            .build();
    var answer = client.send(request, BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }

  /**
   * What a page of the API has in {@code data}.
   *
   * @param path with its query, e.g. {@code /api/v1/targets}
   * @throws IOException where it answers anything but success; the message has what it said
   */
  private Object data(String path) throws IOException, InterruptedException {
    String said = got(path);
    if (!said.startsWith("200 ")) {
      throw new IOException(path + ": " + said);
    }
    return new JsonObject(said.substring("200 ".length())).getValue("data");
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
    return Files.readString(log)
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
    process.destroyForcibly().onExit().join();
  }
}
