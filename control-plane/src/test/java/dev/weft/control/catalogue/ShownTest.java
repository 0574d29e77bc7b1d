package dev.weft.control.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.kubernetes.discovery.NamedService;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ShownTest {

  private final Shown shown = new Shown();

  @Test
  void whatThereIsIsListedWithItsPortsAndNoAddress() {
    show(service("a", 80, 443));

    JsonObject one = shown.list().getJsonArray("items").getJsonObject(0);

    assertThat(one.getJsonObject("metadata").getString("name")).isEqualTo("a");
    assertThat(one.getJsonObject("metadata").getJsonObject("labels").getString(Shown.PORTS))
        .isEqualTo(
            "[{\"name\":\"p80\",\"port\":80,\"protocol\":\"TCP\"},"
                + "{\"name\":\"p443\",\"port\":443,\"protocol\":\"TCP\"}]");
    assertThat(one.getJsonObject("spec").getString("clusterIP")).isEqualTo("a.prod.svc");
  }

  @Test
  void oneThatChangesIsAnotherInPlaceOfOneThatIsGone() {
    show(service("a", 80));
    long before = shown.version();

    show(service("a", 81));

    List<JsonObject> events = shown.after(before);
    assertThat(types(events)).containsExactly("DELETED", "ADDED", "BOOKMARK");
    assertThat(uid(events.get(0))).isNotEqualTo(uid(events.get(1)));
  }

  @Test
  void aUidIsNeverUsedAgain() {
    show(service("a", 80));
    String first = uid(shown.after(0).get(0));
    show(service("a", 81));
    show(service("a", 80));

    assertThat(shown.after(0).stream().filter(event -> type(event).equals("ADDED")))
        .extracting(ShownTest::uid)
        .doesNotContain(first)
        .hasSize(1);
  }

  @Test
  void whatDidNotChangeIsNoNews() {
    show(service("a", 80));
    long before = shown.version();

    show(service("a", 80));

    assertThat(shown.version()).isEqualTo(before);
  }

  @Test
  void oneWithoutPortsIsNotShownAndOneThatHasNoneAnyMoreIsGone() {
    show(service("a"));
    assertThat(shown.list().getJsonArray("items")).isEmpty();
    show(service("a", 80));
    long before = shown.version();

    show(service("a"));

    assertThat(types(shown.after(before))).containsExactly("DELETED", "BOOKMARK");
  }

  @Test
  void whoComesBackFromAnyVersionIsToldWhatCameAndWhatWent() {
    show(service("a", 80));
    show(service("b", 80));
    long known = shown.version();
    shown.show(Map.of("prod/a", Optional.empty()));
    show(service("c", 80));

    assertThat(types(shown.after(known))).containsExactly("DELETED", "ADDED", "BOOKMARK");
    assertThat(types(shown.after(shown.version()))).containsExactly("BOOKMARK");
    assertThat(types(shown.after(0))).containsExactly("DELETED", "ADDED", "ADDED", "BOOKMARK");
  }

  @Test
  void whatIsGoneIsForgottenAtLast() {
    for (int i = 0; i < 3 * Shown.MOST_GONE; i++) {
      show(service("a", 1 + i));
    }

    assertThat(shown.after(0)).hasSize(Shown.MOST_GONE + 2);
  }

  private void show(NamedService... services) {
    Map<String, Optional<NamedService>> all = new HashMap<>();
    Arrays.stream(services).forEach(one -> all.put("prod/" + one.name(), Optional.of(one)));
    shown.show(all);
  }

  private static NamedService service(String name, int... ports) {
    List<NamedService.Port> all =
        Arrays.stream(ports)
            .mapToObj(port -> new NamedService.Port("p" + port, port, "TCP"))
            .toList();
    return new NamedService("prod", name, "ClusterIP", all);
  }

  private static List<String> types(List<JsonObject> events) {
    return events.stream().map(ShownTest::type).toList();
  }

  private static String type(JsonObject event) {
    return event.getString("type");
  }

  private static String uid(JsonObject event) {
    return event.getJsonObject("object").getJsonObject("metadata").getString("uid");
  }
}
