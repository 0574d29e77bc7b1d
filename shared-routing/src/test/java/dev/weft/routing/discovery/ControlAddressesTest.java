package dev.weft.routing.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ControlAddressesTest {

  private List<String> found = List.of("10.0.0.3", "10.0.0.1", "10.0.0.2");

  private final ControlAddresses addresses =
      new ControlAddresses("control", 15012, () -> Future.succeededFuture(found), most -> most - 1);

  @Test
  void eachIsTriedInItsTurnWhateverTheOrderOfTheAnswer() {
    List<String> first = tried(3);
    found = List.of("10.0.0.2", "10.0.0.3", "10.0.0.1");
    List<String> second = tried(3);

    assertThat(first).containsExactly("10.0.0.3", "10.0.0.1", "10.0.0.2");
    assertThat(second).isEqualTo(first);
    assertThat(addresses.known()).isEqualTo(3);
  }

  @Test
  void oneThatIsGoneIsPassedOverAndANewOneComesInItsTurn() {
    assertThat(tried(2)).containsExactly("10.0.0.3", "10.0.0.1");

    found = List.of("10.0.0.3", "10.0.0.15");

    assertThat(tried(3)).containsExactly("10.0.0.15", "10.0.0.3", "10.0.0.15");
    assertThat(addresses.known()).isEqualTo(2);
  }

  @Test
  void theOnlyOneIsTriedAgain() {
    found = List.of("10.0.0.1");

    assertThat(tried(2)).containsExactly("10.0.0.1", "10.0.0.1");
    assertThat(addresses.known()).isEqualTo(1);
  }

  private List<String> tried(int times) {
    return Stream.generate(addresses::next)
        .limit(times)
        .map(Future::result)
        .map(SocketAddress::hostAddress)
        .toList();
  }
}
