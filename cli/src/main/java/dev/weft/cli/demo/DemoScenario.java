package dev.weft.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code weft demo --once}: plays what a mesh is for, and checks each expectation. */
final class DemoScenario {

  private static final int RATE = 200;
  private static final double DEVIATIONS = 4.5; // one run of 150,000 goes astray by chance
  private static final int ANSWERS = 600;
  private static final int MOST_SECONDS = 60;
  private static final Pattern VERSION = Pattern.compile("\"version\":\"(\\d+)\"");
  private static final Pattern SOURCE = Pattern.compile("source_principal=\"([^\"]*)\"");

  private static final String INSTANCE = "v1-a"; // the one of inbound port 0

  private final DemoMesh mesh;
  private final Expectations expectations;

  DemoScenario(DemoMesh mesh, Expectations expectations) {
    this.mesh = mesh;
    this.expectations = expectations;
  }

  /** The exit code: 1 where an expectation was not met. */
  int play() throws IOException, InterruptedException {
    try (DemoTraffic northSouth = new DemoTraffic(mesh.gatewayPort(), DemoConfig.HOST, RATE);
        DemoTraffic eastWest = new DemoTraffic(mesh.callerPort(), "caller", RATE)) {
      TimeUnit.SECONDS.sleep(2); // cold processes find their pace
      shares("north-south through the gateway", northSouth);
      shares("east-west through the caller's sidecar", eastWest);
      secured();
      switched(northSouth, eastWest);
      killed(northSouth, eastWest);
      broken(northSouth);
      expect(
          "no request failed, north-south or east-west, through all of this",
          northSouth.failed() == 0 && eastWest.failed() == 0,
          northSouth.failures() + "; " + eastWest.failures());
    }
    strangers();
    return expectations.sum();
  }

  private void expect(String what, boolean met, String measured) {
    expectations.expect(what, met, measured);
  }

  private void shares(String way, DemoTraffic traffic) throws InterruptedException {
    Map<String, Long> counts = gathered(traffic, traffic.answers());
    long v1 = counts.getOrDefault("v1", 0L);
    long v2 = counts.getOrDefault("v2", 0L);
    long all = v1 + v2;
    double expected = all * 0.05;
    double bound = DEVIATIONS * Math.sqrt(all * 0.05 * 0.95);
    expect(
        "95/5 " + way,
        all >= ANSWERS && Math.abs(v2 - expected) <= bound,
        String.format(
            "v1 %d, v2 %d of %d (%.1f %%; within %.0f of %.0f)",
            v1, v2, all, 100.0 * v2 / Math.max(1, all), bound, expected));
  }

  /** As many answers as tell 5 % from 10 %, however slow the machine is. */
  private static Map<String, Long> gathered(DemoTraffic traffic, Map<String, Long> before)
      throws InterruptedException {
    Map<String, Long> counts = traffic.since(before);
    for (int i = 0; i < MOST_SECONDS * 10 && sum(counts) < ANSWERS; i++) {
      TimeUnit.MILLISECONDS.sleep(100);
      counts = traffic.since(before);
    }
    return counts;
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Each instance's sidecar, since each keeps its own door. */
  private void secured() throws InterruptedException {
    Map<String, Set<String>> callers = new TreeMap<>();
    boolean plain = false;
    for (String name : mesh.admin().keySet()) {
      if (name.startsWith("v")) {
        String metrics = metrics(name);
        Set<String> known = callers.computeIfAbsent(name, first -> new TreeSet<>());
        Matcher found = SOURCE.matcher(metrics);
        while (found.find()) {
          known.add(found.group(1).replaceFirst(".*/", ""));
        }
        plain |= metrics.lines().anyMatch(DemoScenario::isPlaintext);
      }
    }
    Set<String> expected = Set.of("caller", "gateway");
    expect(
        "mTLS on every hop, by the certificates that callers showed",
        !plain && !callers.isEmpty() && callers.values().stream().allMatch(expected::equals),
        "service accounts seen: " + callers + (plain ? ", and plaintext" : ""));
  }

  private static boolean isPlaintext(String line) {
    return line.startsWith("istio_requests_total")
        && line.contains("connection_security_policy=\"none\"");
  }

  private String metrics(String name) throws InterruptedException {
    return mesh.get(mesh.admin().getOrDefault(name, 0), "/metrics");
  }

  private void switched(DemoTraffic northSouth, DemoTraffic eastWest)
      throws IOException, InterruptedException {
    long version = version();
    long failed = northSouth.failed() + eastWest.failed();
    Map<String, Long> before = northSouth.answers();
    long began = System.nanoTime();
    mesh.config().weights("100", "0");
    Optional<Long> millis = settled(northSouth, began);
    long lost = northSouth.failed() + eastWest.failed() - failed;
    Map<String, Long> since = northSouth.since(before);
    expect(
        "weights edited to 100/0 take effect within a second, with no failed request",
        millis.filter(time -> time < 1000).isPresent()
            && lost == 0
            && since.getOrDefault("v1", 0L) > 0,
        millis.map(time -> "last v2 after " + time + " ms").orElse("v2 still answers")
            + ", "
            + since.getOrDefault("v1", 0L)
            + " of v1 since, "
            + lost
            + " failed");
    String config = config();
    expect(
        "configuration reaches the sidecars through the control plane",
        config.contains("\"sources\":[\"control:127.0.0.1:") && version() > version,
        "the caller's sidecar has version "
            + version()
            + " after "
            + version
            + ", from "
            + config.replaceAll(".*\"sources\":\\[\"([^\"]*).*", "$1").strip());
  }

  private String config() throws InterruptedException {
    return mesh.get(mesh.admin().getOrDefault("caller", 0), "/config");
  }

  private long version() throws InterruptedException {
    Matcher found = VERSION.matcher(config());
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  /** When the last answer of v2 came, looked at for 3 s. */
  private static Optional<Long> settled(DemoTraffic traffic, long began)
      throws InterruptedException {
    long lastSeen = began;
    long v2 = traffic.answers().getOrDefault("v2", 0L);
    while (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(3)) {
      TimeUnit.MILLISECONDS.sleep(5);
      long now = traffic.answers().getOrDefault("v2", 0L);
      if (now != v2) {
        v2 = now;
        lastSeen = System.nanoTime();
      }
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(lastSeen - began);
    return millis > 2500 ? Optional.empty() : Optional.of(millis);
  }

  private void killed(DemoTraffic northSouth, DemoTraffic eastWest)
      throws IOException, InterruptedException {
    mesh.config().weights("50", "50");
    TimeUnit.SECONDS.sleep(1);
    long before = northSouth.failed() + eastWest.failed();
    Map<String, Long> answers = northSouth.answers();
    mesh.kill(3);
    TimeUnit.SECONDS.sleep(4);
    long lost = northSouth.failed() + eastWest.failed() - before;
    Map<String, Long> since = northSouth.since(answers);
    expect(
        "one of two v2 instances killed under load without a failed GET",
        lost == 0 && since.getOrDefault("v2", 0L) > 0,
        lost + " failed; since then north-south " + since);
  }

  private void broken(DemoTraffic traffic) throws IOException, InterruptedException {
    mesh.config().weights("50", "-5");
    Optional<String> told = told("weight -5");
    long served = sum(gathered(traffic, traffic.answers()));
    expect(
        "a broken edit is refused with its place while the mesh serves on",
        told.filter(line -> line.contains("virtualservice.yaml:17:")).isPresent() && served > 0,
        told.map(line -> line.replaceAll(".*config/", "")).orElse("nothing was told")
            + "; "
            + served
            + " answers since");
    mesh.config().weights("95", "5");
  }

  /** What the control plane says, however slow the machine is. */
  private Optional<String> told(String part) throws IOException, InterruptedException {
    Optional<String> told = Optional.empty();
    for (int i = 0; i < MOST_SECONDS * 10 && told.isEmpty(); i++) {
      TimeUnit.MILLISECONDS.sleep(100);
      String log = Files.readString(mesh.logs().resolve("control.log"));
      told = log.lines().filter(line -> line.contains(part)).findFirst();
    }
    return told;
  }

  /** A connection that ends may have other reasons: the sidecar must have counted this one. */
  private void strangers() throws IOException, InterruptedException {
    long plaintext = refused("plaintext");
    String plain = plaintext(mesh.inboundPort(0));
    long counted = refused("plaintext") - plaintext;
    expect(
        "a plaintext caller is refused at a sidecar",
        plain.isEmpty() && counted == 1,
        (plain.isEmpty() ? "the connection was closed without a byte" : "answered: " + plain)
            + "; counted as plaintext: "
            + counted);
    long unknown = refused("unknown_authority");
    String foreign = Stranger.call(mesh.inboundPort(0));
    long met = refused("unknown_authority") - unknown;
    expect(
        "a caller with a certificate of another root is refused at a sidecar",
        foreign.startsWith("refused") && met == 1,
        foreign + "; counted as unknown_authority: " + met);
  }

  private long refused(String reason) throws InterruptedException {
    String start = "weft_refusals_total{reason=\"" + reason + "\"} ";
    return metrics(INSTANCE)
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(start.length())))
        .sum();
  }

  private static String plaintext(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(3000);
      OutputStream request = socket.getOutputStream();
      request.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      request.flush();
      InputStream answer = socket.getInputStream();
      byte[] bytes = answer.readNBytes(64);
      return new String(bytes, StandardCharsets.US_ASCII);
    } catch (SocketException e) {
      return "";
    }
  }
}
