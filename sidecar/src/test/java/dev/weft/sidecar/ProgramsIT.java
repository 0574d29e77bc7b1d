package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Tools;
import dev.weft.testkit.net.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Servers and clients that people run, between two sidecars of which they know nothing. */
@EnabledIf(
    value = "installed",
    disabledReason = "needs root, ip, iptables, tcpdump, nginx and PostgreSQL")
final class ProgramsIT extends PodsFixture {

  private static final Path VERSIONS = Path.of("/usr/lib/postgresql");
  private static final String SECRET = "sesame-open"; // what must not be on the wire
  private static final String SERVICES =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: db}
      spec:
        hosts: [db.test]
        resolution: STATIC
        location: MESH_INTERNAL
        addresses: [10.96.0.5]
        ports: [{number: 5432, name: tcp-postgres, protocol: TCP}]
        endpoints: [{address: 10.77.0.2, serviceAccount: shop}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: web}
      spec:
        hosts: [web.test]
        resolution: STATIC
        location: MESH_INTERNAL
        addresses: [10.96.0.6]
        ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8000}]
        endpoints: [{address: 10.77.0.2, serviceAccount: shop}]
      """;
  private static final String NGINX =
      """
      daemon off; worker_processes 1; user root; pid %1$s/pid; error_log %1$s/errors;
      events {}
      http {
        access_log off;
        client_body_temp_path %1$s/1; proxy_temp_path %1$s/2; fastcgi_temp_path %1$s/3;
        uwsgi_temp_path %1$s/4; scgi_temp_path %1$s/5;
        server {
          listen 10.77.0.2:8000;
          location / { root %1$s; }
          location = /word { return 200 "sesame-open $host $remote_addr"; }
        }
      }
      """;

  static boolean installed() {
    return possible()
        && InterceptedPod.captures()
        && Tools.installed("nginx", "psql")
        && Tools.there(postgres().isPresent(), "PostgreSQL");
  }

  /** The programs of the newest version that is there. */
  private static Optional<Path> postgres() {
    if (!Files.isDirectory(VERSIONS)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(VERSIONS)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
          .max(Path::compareTo);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aDatabaseAndItsClient() throws Exception {
    database();
    pods.meshed(SERVICES);
    Path wire = own.serve("capture", "eth0", SECRET);
    String[] psql = {"psql", "-h", "10.96.0.5", "-U", "postgres", "-At", "-c"};
    Packets packets = new Packets();

    assertThat(own.eventually(with(psql, "select '" + SECRET + "'"))).isEqualTo(SECRET);
    packets.keepWithin("select '" + SECRET);
    assertThat(
            own.program(
                with(psql, "select sum(length(repeat('x', i))) from generate_series(1, 2000) i")))
        .isEqualTo("2001000");
    assertThat(
            own.program(
                with(psql, "select repeat('" + SECRET + "', i) from generate_series(1, 2000) i")))
        .as("22 MB of rows")
        .hasSize(2000 * 2001 / 2 * SECRET.length() + 1999);
    assertThat(Files.readString(wire)).as("in plaintext").isEqualTo("listening\n");
    assertThat(own.metric("istio_tcp_connections_opened_total{")).isGreaterThanOrEqualTo(3);
    assertThat(other.admin("/metrics"))
        .containsPattern(
            "istio_tcp_sent_bytes_total\\{[^}]*connection_security_policy=\"mutual_tls\"[^}]*"
                + "source_principal=\"spiffe://cluster.local/ns/default/sa/caller\"");
  }

  /** It trusts whom the sidecar brings, and nobody else. */
  private void database() throws Exception {
    Path bin = postgres().orElseThrow();
    Path data = Files.createDirectory(folder.resolve("data"));
    other.program("chown", "postgres", data.toString());
    other.program(postgres(bin, "initdb", "-A", "reject", "-N", "-D", data.toString()));
    Files.writeString(data.resolve("pg_hba.conf"), "host all all 127.0.0.6/32 trust\n");
    other.start(
        "postgres",
        postgres(
            bin,
            "postgres",
            "-D",
            data.toString(),
            "-c",
            "listen_addresses=10.77.0.2",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off"));
  }

  private static String[] postgres(Path bin, String program, String... arguments) {
    Stream<String> line =
        Stream.concat(Stream.of(bin.resolve(program).toString()), Stream.of(arguments));
    return Pod.as("postgres", line.toList()).toArray(String[]::new);
  }

  private static String[] with(String[] line, String last) {
    return Stream.concat(Stream.of(line), Stream.of(last)).toArray(String[]::new);
  }

  @Test
  void aWebServerAndItsClients() throws Exception {
    Path home = Files.createDirectory(folder.resolve("nginx"));
    Files.write(home.resolve("mib"), new byte[8 << 20]);
    Path config = Files.writeString(home.resolve("nginx.conf"), NGINX.formatted(home));
    other.start("nginx", "/usr/sbin/nginx", "-p", home.toString(), "-c", config.toString());
    pods.meshed(SERVICES);
    Path wire = own.serve("capture", "eth0", SECRET);

    own.eventually("curl", "-sf", "http://10.96.0.6/word");
    Packets packets = new Packets();
    assertThat(own.curl("http://10.96.0.6/word"))
        .isEqualTo("200 " + SECRET + " 10.96.0.6 127.0.0.6");
    assertThat(own.curl("-H", "Host: web.test", "http://192.0.2.9/word"))
        .as("an address where nobody is")
        .startsWith("200 " + SECRET + " web.test");
    packets.keepWithin(SECRET, "GET /word");
    assertThat(own.program("sh", "-c", "curl -s http://10.96.0.6/mib | wc -c"))
        .isEqualTo("8388608");
    assertThat(
            own.program("sh", "-c", "curl -s --http2-prior-knowledge http://10.96.0.6/mib | wc -c"))
        .isEqualTo("8388608");
    assertThat(own.curl("-r", "1-3", "-o", "/dev/null", "http://10.96.0.6/mib")).startsWith("206 ");
    assertThat(own.curl("http://10.77.0.2:8000/word"))
        .as("the instance's own address")
        .isEqualTo("200 " + SECRET + " 10.77.0.2 127.0.0.6");
    assertThat(Files.readString(wire)).as("in plaintext").isEqualTo("listening\n");
    for (String who : List.of("caller", "shop")) {
      assertThat((who.equals("caller") ? own : other).admin("/metrics"))
          .as(who)
          .contains("source_principal=\"spiffe://cluster.local/ns/default/sa/caller\"");
    }
  }
}
