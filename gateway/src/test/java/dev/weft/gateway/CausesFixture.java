package dev.weft.gateway;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.load.Asked;
import dev.weft.testkit.load.Sent;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;

/** A gateway with a log and an admin port, and what its answers, lines and counts say. */
abstract class CausesFixture extends ResilienceFixture {

  static final String TO = "route: [{destination: {host: backend.test}}]";
  static final String CUT = "cut";

  private Path log;

  @BeforeEach
  void logged() throws IOException {
    admin = FreePorts.next();
    log = state.resolve("access.log");
    accessLog = log.toString();
  }

  /** A gateway of one rule and the given documents. */
  void rule(String clauses, String... documents) throws Exception {
    String[] all = new String[1 + documents.length];
    all[0] = rules("{" + clauses + TO + "}");
    System.arraycopy(documents, 0, all, 1, documents.length);
    guardedGateway(all);
  }

  static String settings(String spec) {
    return """
    apiVersion: weft.dev/v1
    kind: ProxySettings
    metadata: {name: default, namespace: istio-system}
    spec: {%s}
    """
        .formatted(spec);
  }

  static String security(String kind, String spec) {
    return """
    apiVersion: security.istio.io/v1
    kind: %s
    metadata: {name: policy, namespace: istio-system}
    spec: {%s}
    """
        .formatted(kind, spec);
  }

  String get(String path) throws Exception {
    return get(HttpVersion.HTTP_1_1, path);
  }

  String get(HttpVersion version, String path) throws Exception {
    return told(await(callers(version).send(Asked.get(path))));
  }

  static String told(Sent sent) {
    return sent.whole() ? sent.status() + " " + sent.cause() : CUT;
  }

  /** The status of the answer to such a request, and its {@code Proxy-Status}. */
  String raw(String... lines) throws IOException {
    return told(RawHttp.exchange(port, RawHttp.lines(lines) + "\r\n"));
  }

  static String told(String answer) {
    Optional<String> cause =
        answer.lines().filter(line -> line.startsWith("proxy-status: ")).findFirst();
    return answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200 ".length())
        + cause.orElse("proxy-status: none").substring("proxy-status: ".length());
  }

  /** A line of the log with that cause. */
  JsonObject line(String cause) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    do {
      List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
      for (String line : lines) {
        if (line.endsWith("}") && cause.equals(new JsonObject(line).getString("cause"))) {
          return new JsonObject(line);
        }
      }
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    } while (System.nanoTime() < end);
    throw new AssertionError("no line with cause " + cause);
  }
}
