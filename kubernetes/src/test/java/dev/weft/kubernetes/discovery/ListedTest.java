package dev.weft.kubernetes.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.core.EndpointSlice.Endpoint;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** From what the API server has to what the loader makes of it. */
final class ListedTest {

  private static final String SERVICE =
      """
      metadata: {name: a, namespace: prod, annotations: {alpha.istio.io/kubernetes-serviceaccounts: x}}
      spec:
        ipFamilies: [IPv4, IPv6]
        clusterIP: 10.96.0.1
        clusterIPs: [10.96.0.1, "fd00::1"]
        selector: {app: a}
        ports:
        - {name: http, port: 80, protocol: TCP, targetPort: web}
        - {name: dns, port: 53, protocol: UDP}
      """;

  private static final String SIDECAR = "containers: [{name: app}, {name: weft-proxy}]";

  private final Map<String, Pod> pods = new HashMap<>();

  @Test
  void aPodOfTheMeshTellsItsAccountAndAnotherIsOutside() {
    pod("in", "1", "{app: a}", SIDECAR);
    pod("out", "2", "{app: a, weft.dev/injected: 'true', weft.dev/service-account: admin}");

    List<Endpoint> all =
        endpoints(slice("s", "IPv4", ready("10.0.0.1", "in", "1"), ready("10.0.0.2", "out", "2")));

    assertThat(all).extracting(Endpoint::serviceAccount).containsExactly("reviews", "");
    assertThat(all).extracting(one -> one.labels().get("app")).containsExactly("a", "a");
    assertThat(all.get(1).labels()).doesNotContainKey("weft.dev/service-account");
  }

  @Test
  void aSidecarMayBeAnInitContainer() {
    pod("in", "1", "{}", "initContainers: [{name: weft-init}, {name: weft-proxy}]");

    assertThat(endpoints(slice("s", "IPv4", ready("10.0.0.1", "in", "1"))))
        .extracting(Endpoint::serviceAccount)
        .containsExactly("reviews");
  }

  @Test
  void aPortThatTheSidecarLeavesOutIsReachedWithoutIt() {
    pod("in", "1", "{}", SIDECAR);
    pod("part", "2", "{}", SIDECAR, "weft.dev/exclude-inbound-ports: '22, 9000-9100'");
    pod("istio", "3", "{}", SIDECAR, "traffic.sidecar.istio.io/excludeInboundPorts: '9090'");
    EndpointSlice slice =
        slice(
            "s",
            "IPv4",
            ready("10.0.0.1", "in", "1"),
            ready("10.0.0.2", "part", "2"),
            ready("10.0.0.3", "istio", "3"));
    slice.getPorts().add(new EndpointPortBuilder().withName("more").withPort(9090).build());
    slice.getPorts().add(new EndpointPortBuilder().withName("rest").withPort(9091).build());

    LoadResult result = load(listed(slice).text());

    assertThat(result.problems()).isEmpty();
    assertThat(result.config().endpointSlices())
        .extracting(
            one ->
                one.meta().name()
                    + one.ports()
                    + one.endpoints().stream().map(Endpoint::serviceAccount).toList())
        .containsExactly(
            "s{http=8080}[reviews, reviews, reviews]",
            "s.9090{more=9090}[reviews, , ]",
            "s.9091{rest=9091}[reviews, , reviews]");
  }

  @Test
  void whatIsKeptOfAPodTellsTheSame() {
    pod("in", "1", "{app: a}", SIDECAR, "weft.dev/exclude-inbound-ports: '9090'");
    Pod whole = pods.get("prod/in");
    FewWordsOfPods words = new FewWordsOfPods();
    words.put("prod/in", whole);
    Pod kept = words.get("prod/in");

    assertThat(MeshPod.serves(kept, 8080)).isTrue();
    assertThat(MeshPod.serves(kept, 9090)).isFalse();
    assertThat(kept.getSpec().getContainers()).hasSize(1);
  }

  @Test
  void anEndpointTellsItsPodsWorkload() {
    pod("in", "1", "{app: a, pod-template-hash: 5d8f}", SIDECAR);
    pods.get("prod/in")
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withKind("ReplicaSet")
                    .withName("a-primary-5d8f")
                    .withController(true)
                    .build()));
    FewWordsOfPods words = new FewWordsOfPods();
    words.put("prod/in", pods.get("prod/in"));
    pods.put("prod/in", words.get("prod/in"));

    assertThat(endpoints(slice("s", "IPv4", ready("10.0.0.1", "in", "1"))))
        .extracting(one -> one.labels().get("service.istio.io/workload-name"))
        .containsExactly("a-primary");
    assertThat(PodSeen.of(words.get("prod/in")).labels())
        .as("no label of the pod, by which policies would select it")
        .containsOnlyKeys("app", "pod-template-hash");
  }

  @Test
  void anEndpointWhosePodIsNotKnownIsLeftOut() {
    pod("in", "1", "{}", SIDECAR);
    EndpointSlice slice =
        slice(
            "s",
            "IPv4",
            ready("10.0.0.1", "in", "1"),
            ready("10.0.0.2", "in", "another"),
            ready("10.0.0.3", "late", "3"));

    Listed listed = listed(slice);

    assertThat(endpoints(slice))
        .extracting(Endpoint::addresses)
        .containsExactly(List.of("10.0.0.1"));
    assertThat(listed.emptied()).isTrue(); // of what is known nothing more can be said
    assertThat(listed.pods()).containsExactlyInAnyOrder("prod/in", "prod/late");
  }

  @Test
  void whereNoneIsReadyThoseThatServeWhileTheyEndAreTaken() {
    pod("in", "1", "{}");
    String ending =
        "{addresses: [10.0.0.1], conditions: {ready: false, serving: true, terminating: true}, targetRef: {kind: Pod, name: in}}";
    String unready =
        "{addresses: [10.0.0.2], conditions: {ready: false}, targetRef: {kind: Pod, name: in}}";

    assertThat(addresses(slice("s", "IPv4", ending, unready))).containsExactly("10.0.0.1");
    assertThat(addresses(slice("s", "IPv4", ending, ready("10.0.0.3", "in", "1"))))
        .containsExactly("10.0.0.3");
  }

  @Test
  void whatIsUnreadyIsToldFromWhatIsNotListed() {
    pod("in", "1", "{}");
    String unready =
        "{addresses: [10.0.0.2], conditions: {ready: false}, targetRef: {kind: Pod, name: in}}";

    assertThat(listed(slice("s", "IPv4", unready)))
        .isEqualTo(new Listed("", false, listed(slice("s", "IPv4", unready)).pods()));
    assertThat(listed(slice("s", "IPv4")).emptied()).isTrue();
    assertThat(listed().emptied()).isTrue();
  }

  @Test
  void ofTwoStacksTheServicesFirstIsTakenAndOfTwoSlicesEachEndpointOnce() {
    pod("in", "1", "{}");

    assertThat(
            addresses(
                slice("s6", "IPv6", ready("\"fd00::2\"", "in", "1")),
                slice("s2", "IPv4", ready("10.0.0.1", "in", "1")),
                slice("s1", "IPv4", ready("10.0.0.1", "in", "1"), ready("10.0.0.2", "in", "1"))))
        .containsExactly("10.0.0.1", "10.0.0.2");
  }

  @Test
  void aServiceIsReadWithoutWarnings() {
    LoadResult result = load(ServiceText.of(service(SERVICE)));

    assertThat(result.problems()).isEmpty();
    assertThat(result.config().services().get(0).ports())
        .extracting(port -> port.number())
        .containsExactly(80);
    assertThat(result.config().services().get(0).addresses())
        .containsExactly("10.96.0.1", "fd00::1");
    assertThat(result.config().services().get(0).serviceAccounts()).isEmpty(); // pods say it
  }

  @Test
  void anExternalNameIsLookedUp() {
    LoadResult result =
        load(
            ServiceText.of(
                service(
                    """
                    metadata: {name: db, namespace: prod}
                    spec:
                      type: ExternalName
                      externalName: db.example.org
                      ports: [{name: tcp, port: 5432}, {name: dns, port: 53, protocol: UDP}]
                    """)));

    assertThat(result.problems()).isEmpty();
    ServiceEntry entry = result.config().serviceEntries().get(0);
    assertThat(entry.hosts()).containsExactly("db.prod.svc.cluster.local");
    assertThat(entry.endpoints().get(0).address()).isEqualTo("db.example.org");
    assertThat(entry.ports()).extracting(port -> port.number()).containsExactly(5432);
  }

  private List<String> addresses(EndpointSlice... slices) {
    return endpoints(slices).stream().map(one -> one.addresses().get(0)).toList();
  }

  private List<Endpoint> endpoints(EndpointSlice... slices) {
    LoadResult result = load(listed(slices).text());
    assertThat(result.problems()).isEmpty();
    return result.config().endpointSlices().stream()
        .flatMap(slice -> slice.endpoints().stream())
        .toList();
  }

  private Listed listed(EndpointSlice... slices) {
    return Listed.of(
        service(SERVICE), List.of(slices), name -> Optional.ofNullable(pods.get(name)));
  }

  private static LoadResult load(String text) {
    LoadResult result =
        ConfigLoader.load(List.of(new ConfigDocument("u", "u", text, Optional.of("prod"))));
    assertThat(result.accepted()).as(result.problems().toString()).isTrue();
    return result;
  }

  private static Service service(String text) {
    return Serialization.unmarshal(text, Service.class);
  }

  private void pod(String name, String uid, String labels) {
    pod(name, uid, labels, "containers: [{name: app}]");
  }

  private void pod(
      String name, String uid, String labels, String containers, String... annotations) {
    String text =
        "metadata: {name: %s, namespace: prod, uid: '%s', labels: %s, annotations: {%s}}\nspec: {serviceAccountName: reviews, %s}\n"
            .formatted(name, uid, labels, String.join(", ", annotations), containers);
    pods.put("prod/" + name, Serialization.unmarshal(text, Pod.class));
  }

  private static String ready(String address, String pod, String uid) {
    return "{addresses: [%s], zone: z1, conditions: {ready: true}, targetRef: {kind: Pod, name: %s, uid: '%s'}}"
        .formatted(address, pod, uid);
  }

  private static EndpointSlice slice(String name, String type, String... endpoints) {
    String text =
        """
        metadata: {name: %s, namespace: prod, labels: {kubernetes.io/service-name: a}}
        addressType: %s
        ports: [{name: http, port: 8080, protocol: TCP}, {name: dns, port: 53, protocol: UDP}]
        endpoints: [%s]
        """
            .formatted(name, type, String.join(", ", Stream.of(endpoints).toList()));
    return Serialization.unmarshal(text, EndpointSlice.class);
  }
}
