package dev.weft.sidecar;

import dev.weft.testkit.net.PodNetwork;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two pods whose connections sidecars take, made anew for each test. A class that extends it says
 * itself that it is enabled if this is {@code possible}: JUnit's conditions are not inherited.
 */
@Timeout(240)
abstract class PodsFixture {

  @TempDir Path folder;

  InterceptedPair pods;
  InterceptedPod own;
  InterceptedPod other;

  static boolean possible() {
    return PodNetwork.missing().isEmpty();
  }

  @BeforeEach
  void open() throws IOException {
    pods = new InterceptedPair(folder);
    own = pods.own();
    other = pods.other();
  }

  @AfterEach
  void close() {
    pods.close();
  }
}
