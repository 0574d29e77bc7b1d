package dev.weft.routing.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PeerWorkloadTest {

  @Test
  void whatOneSideWritesTheOtherReads() {
    Workload workload =
        new Workload("prod", "reviews", "mesh.test", Map.of("app", "reviews", "version", "v1"));

    PeerWorkload told = PeerWorkload.of(workload);

    assertThat(told.header()).isEqualTo("workload=reviews-v1;app=reviews;version=v1");
    assertThat(PeerWorkload.parse(told.header())).contains(told);
  }

  @Test
  void furtherWordsOfANewerProxyArePassedOver() {
    assertThat(PeerWorkload.parse("workload=a;app=b;version=c;zone=d"))
        .contains(new PeerWorkload("a", "b", "c"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "admin", "workload=a;app=b", "workload=a;app=b;version=\"c\"", "app=a\u00e9"})
  void anythingElseIsNobody(String header) {
    assertThat(PeerWorkload.parse(header)).isEmpty();
  }
}
