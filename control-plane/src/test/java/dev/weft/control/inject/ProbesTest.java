package dev.weft.control.inject;

import static dev.weft.control.inject.PodFixture.NATIVE;
import static dev.weft.control.inject.PodFixture.container;
import static dev.weft.control.inject.PodFixture.injected;
import static dev.weft.control.inject.PodFixture.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProbesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "httpGet: {port: 8080, path: /ready} | http://:8080/ready",
        "httpGet: {port: http, path: '/a?b=c'} | http://:8080/a?b=c",
        "httpGet: {port: http} | http://:8080/",
        "httpGet: {port: 8080, path: ready} | http://:8080/ready",
        "httpGet: {port: 8080, path: '/a,b {$(X)}é%20%'} | http://:8080/a%2Cb%20%7B%24(X)%7D%C3%A9%20%25",
        "tcpSocket: {port: http} | tcp://:8080",
        "grpc: {port: 9090} | grpc://:9090",
        "grpc: {port: 9090, service: shop.Search} | grpc://:9090/shop.Search",
      })
  void theSidecarAsksWhatTheKubeletWouldHaveAsked(String handler, String target) throws Exception {
    JsonObject pod =
        injected(NATIVE, probed("readinessProbe: {periodSeconds: 7, " + handler + "}"));

    assertThat(probes(pod)).containsExactly("/app-health/app/readyz=" + target);
    assertThat(container(pod, "app").getJsonObject("readinessProbe"))
        .isEqualTo(
            new JsonObject(
                """
                {"periodSeconds": 7,
                 "httpGet": {"path": "/app-health/app/readyz", "port": 15021, "scheme": "HTTP"}}"""));
  }

  @Test
  void eachProbeHasAPathOfItsOwn() throws Exception {
    JsonObject pod =
        injected(
            NATIVE,
            probed(
                """
                livenessProbe: {tcpSocket: {port: 1}}
                    readinessProbe: {tcpSocket: {port: 2}}
                    startupProbe: {tcpSocket: {port: 3}}"""));

    assertThat(probes(pod))
        .containsExactly(
            "/app-health/app/readyz=tcp://:2",
            "/app-health/app/livez=tcp://:1",
            "/app-health/app/startupz=tcp://:3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exec: {command: [ls]} | ''",
        "httpGet: {port: 80, host: 10.0.0.1} | container app: readinessProbe names a host and is left to the kubelet",
        "httpGet: {port: nope} | container app: readinessProbe: port nope is none of the container's; left to the kubelet",
        "grpc: {port: 80, service: 'a b'} | container app: readinessProbe: service 'a b' is asked for by the kubelet itself",
      })
  void whatTheSidecarCannotAskStays(String handler, String warning) throws Exception {
    JsonObject before = probed("readinessProbe: {" + handler + "}");

    Injection injection = new Injector(NATIVE).inject(before);

    JsonObject after = injection.patch().applied(before);
    assertThat(probes(after)).isEmpty();
    assertThat(container(after, "app")).isEqualTo(container(before, "app"));
    assertThat(String.join("\n", injection.warnings())).isEqualTo(warning);
  }

  @Test
  void overHttpsTheSidecarAsksForTheConnectionAndSaysSo() throws Exception {
    JsonObject before =
        probed("readinessProbe: {httpGet: {port: 8443, scheme: HTTPS, httpHeaders: [{name: a}]}}");

    Injection injection = new Injector(NATIVE).inject(before);

    assertThat(probes(injection.patch().applied(before)))
        .containsExactly("/app-health/app/readyz=tcp://:8443");
    assertThat(injection.warnings())
        .containsExactly(
            "container app: readinessProbe: httpHeaders are not sent to the application",
            "container app: readinessProbe asks over HTTPS; the sidecar asks whether the port takes"
                + " connections");
  }

  @Test
  void anAnnotationLeavesThemAll() throws Exception {
    JsonObject before = probed("readinessProbe: {tcpSocket: {port: 2}}");
    before.put(
        "metadata",
        new JsonObject()
            .put("annotations", new JsonObject().put("weft.dev/rewrite-probes", "false")));

    assertThat(probes(injected(NATIVE, before))).isEmpty();
  }

  @Test
  void thoseOfSidecarsOfThePodsOwnAreAskedTooWhereverTheyAre() throws Exception {
    JsonObject pod =
        injected(
            NATIVE,
            pod(
                """
                spec:
                  initContainers:
                  - {name: cache, restartPolicy: Always, startupProbe: {tcpSocket: {port: 6379}}}
                  containers: [{name: app}]
                """));

    assertThat(probes(pod)).containsExactly("/app-health/cache/startupz=tcp://:6379");
    assertThat(container(pod, "cache").getJsonObject("startupProbe").getJsonObject("httpGet"))
        .isNotNull();
  }

  private static JsonObject probed(String probes) {
    return pod(
        """
        spec:
          containers:
          - name: app
            ports: [{name: http, containerPort: 8080}]
            %s
        """
            .formatted(probes));
  }

  private static List<String> probes(JsonObject pod) {
    List<?> args = container(pod, "weft-proxy").getJsonArray("args").getList();
    List<String> all = new ArrayList<>();
    for (int i = 0; i < args.size(); i++) {
      if (args.get(i).equals("--app-probe")) {
        all.add(String.valueOf(args.get(i + 1)));
      }
    }
    return all;
  }
}
