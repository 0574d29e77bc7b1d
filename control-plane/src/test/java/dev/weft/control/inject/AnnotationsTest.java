package dev.weft.control.inject;

import static dev.weft.control.inject.PodFixture.NATIVE;
import static dev.weft.control.inject.PodFixture.PLAIN;
import static dev.weft.control.inject.PodFixture.annotated;
import static dev.weft.control.inject.PodFixture.argument;
import static dev.weft.control.inject.PodFixture.container;
import static dev.weft.control.inject.PodFixture.injected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AnnotationsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "weft.dev/exclude-inbound-ports | 22, 8000-8010 | --exclude-inbound-ports | 22,8000-8010",
        "traffic.sidecar.istio.io/excludeInboundPorts | 22 | --exclude-inbound-ports | 22",
        "weft.dev/exclude-outbound-ports | 3306 | --exclude-outbound-ports | 3306",
        "traffic.sidecar.istio.io/excludeOutboundPorts | 3306 | --exclude-outbound-ports | 3306",
        "weft.dev/exclude-outbound-ip-ranges | 10.0.0.0/8 | --exclude-outbound-cidrs | 10.0.0.0/8",
        "traffic.sidecar.istio.io/excludeOutboundIPRanges | fd00::/8,1.2.3.4 | --exclude-outbound-cidrs | fd00::/8,1.2.3.4",
      })
  void whatIsLeftOutIsLeftToTheRules(String name, String value, String flag, String told)
      throws Exception {
    JsonObject init = container(injected(NATIVE, annotated(name, value)), "weft-init");

    assertThat(argument(init, flag)).isEqualTo(told);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sidecar.istio.io/proxyCPU | 100m | {requests: {cpu: 100m, memory: 96Mi}, limits: {memory: 256Mi}}",
        "weft.dev/proxy-cpu-limit | 2 | {requests: {cpu: 50m, memory: 96Mi}, limits: {cpu: '2', memory: 256Mi}}",
        "weft.dev/proxy-cpu-limit | 20m | {requests: {cpu: 20m, memory: 96Mi}, limits: {cpu: 20m, memory: 256Mi}}",
        "sidecar.istio.io/proxyMemory | 1Gi | {requests: {cpu: 50m, memory: 1Gi}, limits: {memory: 1Gi}}",
        "sidecar.istio.io/proxyMemoryLimit | 1G | {requests: {cpu: 50m, memory: 96Mi}, limits: {memory: 1G}}",
      })
  void amountsAreTheSidecars(String name, String value, String resources) throws Exception {
    JsonObject proxy = container(injected(NATIVE, annotated(name, value)), "weft-proxy");

    assertThat(proxy.getJsonObject("resources")).isEqualTo(PodFixture.pod(resources));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "traffic.sidecar.istio.io/excludeInboundPorts | 80a | (expected: ports, 1 to 65535, with commas between); for example 15020,8000-8010",
        "weft.dev/exclude-outbound-ports | 70000 | (expected: ports, 1 to 65535, with commas between); for example 3306,8000-8010",
        "weft.dev/exclude-outbound-ports | 9-2 | (expected: ports, 1 to 65535, with commas between); for example 3306,8000-8010",
        "weft.dev/exclude-outbound-ip-ranges | 10.0.0.0/33 | (expected: networks, ADDRESS/BITS, with commas between); for example 10.0.0.0/8,fd00::/8",
        "weft.dev/exclude-outbound-ip-ranges | $(ID) | (expected: networks, ADDRESS/BITS, with commas between); for example 10.0.0.0/8,fd00::/8",
        "sidecar.istio.io/proxyCPU | much | (expected: an amount above zero); for example 100m of processors, 128Mi of memory",
        "weft.dev/proxy-memory | 0 | (expected: an amount above zero); for example 100m of processors, 128Mi of memory",
        "weft.dev/proxy-image | a b | (expected: an image); for example registry.example.com/weft-sidecar:1.0",
        "weft.dev/hold-application-until-proxy-starts | yes | (expected: true or false); in quotes, as all annotations are texts",
        "proxy.istio.io/config | [hold] | (expected: a mapping in YAML); for example holdApplicationUntilProxyStarts: true",
        "proxy.istio.io/config | holdApplicationUntilProxyStarts: 5 | (expected: a mapping in YAML); for example holdApplicationUntilProxyStarts: true",
        "sidecar.istio.io/interceptionMode | TPROXY | (expected: REDIRECT); a sidecar without capabilities cannot keep addresses",
      })
  void aValueThatMeansNothingIsRefused(String name, String value, String why) {
    InjectionRefused refused =
        catchThrowableOfType(
            InjectionRefused.class, () -> new Injector(NATIVE).inject(annotated(name, value)));

    assertThat(refused.faults()).containsExactly("annotation " + name + ": '" + value + "' " + why);
  }

  @Test
  void morePromisedThanAllowedIsRefused() {
    JsonObject pod = annotated("weft.dev/proxy-cpu", "2");
    pod.getJsonObject("metadata").getJsonObject("annotations").put("weft.dev/proxy-cpu-limit", "1");

    InjectionRefused refused =
        catchThrowableOfType(InjectionRefused.class, () -> new Injector(NATIVE).inject(pod));

    assertThat(refused.faults())
        .containsExactly(
            "annotation weft.dev/proxy-cpu: '2' (expected: at most 1, which is its limit); raise the"
                + " limit, too");
  }

  @Test
  void ofTwoThatSayTheSameOursCounts() throws Exception {
    JsonObject pod = annotated("weft.dev/exclude-inbound-ports", "1");
    pod.getJsonObject("metadata")
        .getJsonObject("annotations")
        .put("traffic.sidecar.istio.io/excludeInboundPorts", "2");

    assertThat(argument(container(injected(NATIVE, pod), "weft-init"), "--exclude-inbound-ports"))
        .isEqualTo("1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "proxy.istio.io/config | holdApplicationUntilProxyStarts: true | true",
        "proxy.istio.io/config | {\"holdApplicationUntilProxyStarts\": false} | false",
        "weft.dev/hold-application-until-proxy-starts | false | false",
        "weft.dev/other | any | true",
      })
  void theApplicationWaitsForItsSidecarUnlessItIsToldNotTo(String name, String value, boolean waits)
      throws Exception {
    JsonObject proxy = container(injected(NATIVE, annotated(name, value)), "weft-proxy");

    assertThat(proxy.containsKey("startupProbe")).isEqualTo(waits);
  }

  @Test
  void whatHasNoEffectIsSaid() throws Exception {
    assertThat(new Injector(NATIVE).inject(annotated("proxy.istio.io/config", "a: 1")).warnings())
        .containsExactly("annotation proxy.istio.io/config: a has no effect");
    assertThat(
            new Injector(NATIVE)
                .inject(annotated("traffic.sidecar.istio.io/includeInboundPorts", "80"))
                .warnings())
        .containsExactly("annotation traffic.sidecar.istio.io/includeInboundPorts has no effect");
    assertThat(
            new Injector(PLAIN)
                .inject(annotated("weft.dev/hold-application-until-proxy-starts", "true"))
                .warnings())
        .containsExactly(
            "the application starts beside its sidecar; holding it needs a native sidecar"
                + " (Kubernetes 1.29)");
  }
}
