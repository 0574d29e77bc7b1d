package dev.weft.kubernetes.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PodWorkloadTest {

  @ParameterizedTest
  @CsvSource({
    "ReplicaSet, podinfo-primary-5d8f, 5d8f, podinfo-primary",
    "ReplicaSet, of-nobody, 5d8f, of-nobody",
    "ReplicaSet, without-hash, '', without-hash",
    "StatefulSet, db, '', db",
    "DaemonSet, agent-20261129, '', agent-20261129",
    "Job, nightly-29415840, '', nightly",
    "Job, once, '', once"
  })
  void itIsTheOneThatPeopleMade(String kind, String name, String hash, String workload) {
    Map<String, String> labels = hash.isEmpty() ? Map.of() : Map.of("pod-template-hash", hash);

    assertThat(PodWorkload.of(labels, kind, name)).isEqualTo(workload);
  }
}
