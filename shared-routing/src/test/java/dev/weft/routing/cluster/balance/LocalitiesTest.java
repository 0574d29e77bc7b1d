package dev.weft.routing.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.balance.Locality;
import dev.weft.config.model.balance.LocalityPolicy;
import dev.weft.config.model.balance.LocalityPolicy.Distribute;
import dev.weft.config.model.balance.LocalityPolicy.Failover;
import dev.weft.config.model.balance.LocalityPolicy.Share;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.cluster.balance.Localities.Group;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LocalitiesTest {

  private static final Vantage HERE = new Vantage(Locality.parse("eu/a/r1"), Map.of("app", "x"));
  private static final LocalityPolicy DEFAULT = LocalityPolicy.DEFAULT;

  private final List<Endpoint> all =
      Candidates.standing("us/a/r1", "eu/b/r1", "eu/a/r2", "eu/a/r1", "", "ap/a/r1");

  @Test
  void theNearestComeFirst() {
    assertThat(divided(DEFAULT, true, HERE))
        .containsExactly("[3] 0", "[2] 0", "[1] 0", "[0, 4, 5] 0");
  }

  @Test
  void aFailoverSaysWhichRegionIsNext() {
    LocalityPolicy policy =
        new LocalityPolicy(true, List.of(), List.of(new Failover("eu", "ap")), List.of());

    assertThat(divided(policy, true, HERE))
        .containsExactly("[3] 0", "[2] 0", "[1] 0", "[5] 0", "[0, 4] 0");
  }

  @Test
  void withoutOutlierDetectionOrAPlaceAllAreOneGroup() {
    String together = "[0, 1, 2, 3, 4, 5] 0";

    assertThat(divided(DEFAULT, false, HERE)).containsExactly(together);
    assertThat(divided(DEFAULT, true, Vantage.UNKNOWN)).containsExactly(together);
    assertThat(divided(new LocalityPolicy(false, List.of(), List.of(), List.of()), true, HERE))
        .containsExactly(together);
  }

  @Test
  void sharesHoldForTheFirstAreaThatTheCallerIsIn() {
    LocalityPolicy policy =
        distribute(
            new Distribute(area("us"), List.of(new Share(area("us"), 100))),
            new Distribute(
                area("eu/*"), List.of(new Share(area("eu/a/*"), 80), new Share(area("us"), 20))));

    assertThat(divided(policy, false, HERE)).containsExactly("[2, 3] 80", "[0] 20");
    assertThat(divided(policy, true, new Vantage(Locality.parse("ap"), Map.of())))
        .as("a caller elsewhere")
        .containsExactly("[0, 1, 2, 3, 4, 5] 0");
  }

  @Test
  void whereNoEndpointIsInAnAreaNobodyGetsRequests() {
    LocalityPolicy policy =
        distribute(new Distribute(area("*"), List.of(new Share(area("af"), 100))));

    assertThat(divided(policy, false, HERE)).isEmpty();
  }

  @Test
  void labelsMayOrderThem() {
    List<Endpoint> labelled =
        List.of(
            labelled(1, "us/a", Map.of("version", "v1")),
            labelled(2, "eu/a", Map.of("version", "v2", "app", "x")),
            labelled(3, "eu/b", Map.of("version", "v1")),
            labelled(4, "eu/a", Map.of("version", "v1", "app", "x")));
    LocalityPolicy policy =
        new LocalityPolicy(
            true,
            List.of(),
            List.of(),
            List.of("topology.kubernetes.io/region", "version=v1", "app"));

    assertThat(told(Localities.divided(labelled, policy, true, HERE)))
        .as("all three; two; the first; not even that")
        .containsExactly("[3] 0", "[2] 0", "[1] 0", "[0] 0");
  }

  @Test
  void aWorkloadsOwnLabelsMayTellWhereItStands() {
    assertThat(
            Localities.of(
                Map.of("topology.kubernetes.io/region", "eu", "topology.kubernetes.io/zone", "a")))
        .isEqualTo(Locality.parse("eu/a"));
    assertThat(Localities.of(Map.of("app", "x")).known()).isFalse();
  }

  private static LocalityPolicy distribute(Distribute... distribute) {
    return new LocalityPolicy(true, List.of(distribute), List.of(), List.of());
  }

  private static Locality area(String text) {
    return Locality.parse(text);
  }

  private static Endpoint labelled(int number, String locality, Map<String, String> labels) {
    return new Endpoint("10.0.0." + number, 80, labels, locality, 1, new UpstreamTls.Plaintext());
  }

  private List<String> divided(LocalityPolicy policy, boolean outliers, Vantage vantage) {
    return told(Localities.divided(all, policy, outliers, vantage));
  }

  private static List<String> told(List<Group> groups) {
    return groups.stream().map(group -> group.members() + " " + group.share()).toList();
  }
}
