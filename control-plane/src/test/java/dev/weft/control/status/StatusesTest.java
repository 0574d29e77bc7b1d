package dev.weft.control.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import dev.weft.control.stream.GatewayTrouble;
import dev.weft.kubernetes.note.Note;
import dev.weft.kubernetes.note.Note.Troubles;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StatusesTest {

  private static final String ROUTES = "configmap:prod/routes";
  private static final String OTHERS = "configmap:prod/others";

  private final ConfigUnits units = new ConfigUnits(List.of("maps"));
  private final Statuses statuses = new Statuses();
  private long version;

  @Test
  void whatServesIsAppliedWithTheVersionThatItCameWith() {
    assertThat(edit(ROUTES, rule("search", 95)))
        .containsExactly(
            new Statuses.News(new Note("prod", "routes", true, "applied v1", "applied v1"), true));
    assertThat(edit(OTHERS, rule("other", 95)))
        .extracting(news -> news.note().name(), news -> news.note().status())
        .containsExactly(tuple("others", "applied v2"));
    assertThat(edit(ROUTES, rule("search", 50)))
        .containsExactly(
            new Statuses.News(new Note("prod", "routes", true, "applied v3", "applied v3"), false));
  }

  @Test
  void whatIsBrokenIsToldByItsFirstProblemAndWhatServesOn() {
    edit(ROUTES, rule("search", 95));

    Note note = only(edit(ROUTES, rule("search", -5) + rule("second", -6)));

    assertThat(note.applied()).isFalse();
    assertThat(note.status())
        .isEqualTo(
            "configmap:prod/routes#a.yaml:9:15: spec.http[0].route[0].weight: error: weight -5"
                + " (expected: 0 to 1000000) (and 1 more)");
    assertThat(note.message())
        .startsWith("not applied; what was good before serves on; 2 errors:\n")
        .contains("weight -6");
    assertThat(edit(ROUTES, rule("search", -5) + rule("second", -6) + "---\n")).isEmpty();
    assertThat(only(edit(ROUTES, rule("search", 95))).status()).isEqualTo("applied v2");
  }

  @Test
  void theVersionOfAMendedOneIsTheOneThatServesThen() {
    edit(OTHERS, rule("other", 95));
    assertThat(only(edit(ROUTES, rule("search", -5))).message())
        .startsWith("not applied; 1 error:\n");

    assertThat(only(edit(ROUTES, rule("search", 95))).status()).isEqualTo("applied v2");
  }

  @Test
  void whereNothingIsReadAnewNothingIsNew() {
    edit(ROUTES, rule("search", 95));
    edit(ROUTES, rule("search", -5));

    units.restored("maps"); // as when a source has had its time: it has told long ago

    assertThat(read()).isEmpty();
  }

  @Test
  void whatIsGoneIsForgotten() {
    edit(ROUTES, rule("search", 95));
    edit(OTHERS, rule("other", 95));
    assertThat(edit(ROUTES, "")).isEmpty();

    assertThat(edit(ROUTES, rule("search", 95)))
        .extracting(Statuses.News::first)
        .containsExactly(true);
  }

  @Test
  void aFolderHasNobodyToBeTold() {
    ConfigUnits folder = new ConfigUnits(List.of("dir:x"));
    folder.change(
        "dir:x", Map.of("dir:x", List.of(new ConfigDocument("dir:x", "a", rule("a", 1)))));

    Reading reading = new Reading(folder.wanted(), folder.good(), folder.problems());
    assertThat(statuses.after(reading, 1)).isEmpty();
  }

  @Test
  void whatDoesNotWorkIsToldBesideTheVersionAndThatItWorksOnceThatIsKnown() {
    edit(ROUTES, rule("search", 95));
    edit(OTHERS, rule("other", 95));
    GatewayTrouble one = new GatewayTrouble("edge", "web", "is taken", 1, 2);
    GatewayTrouble other = new GatewayTrouble("edge", "web", "has no certificate", 2, 2);

    Note troubled = only(statuses.after(Map.of(ROUTES, List.of(one, other)), false));
    assertThat(troubled.status()).isEqualTo("applied v1");
    assertThat(troubled.troubles())
        .contains(
            new Troubles(
                "Gateway edge/web, on 1 of 2 gateways, is taken (and 1 more)",
                "Gateway edge/web is taken\nGateway edge/web has no certificate"));
    assertThat(statuses.after(Map.of(ROUTES, List.of(one, other)), false)).isEmpty();
    assertThat(only(edit(ROUTES, rule("search", 50))).troubles()).isEqualTo(troubled.troubles());

    List<Statuses.News> mended = statuses.after(Map.of(), true);
    assertThat(mended)
        .extracting(Statuses.News::first, news -> news.note().troubles())
        .containsOnly(tuple(true, Optional.of(Troubles.NONE)))
        .hasSize(2);
  }

  @Test
  void aGatewayResourceIsToldOfItsTroublesAlone() {
    String unit = "Gateway edge/web";
    GatewayTrouble trouble = new GatewayTrouble("edge", "web", "is taken", 1, 1);
    edit("Gateway edge/old", gateway("old"));
    Troubles told = new Troubles("Gateway edge/web is taken", "Gateway edge/web is taken");

    assertThat(statuses.after(Map.of(unit, List.of(trouble)), false))
        .containsExactly(new Statuses.News(Note.gateway("edge", "web", told), true));
    assertThat(statuses.after(Map.of(unit, List.of(trouble)), false)).isEmpty();
    assertThat(statuses.after(Map.of(), false)).isEmpty();

    assertThat(statuses.after(Map.of(), true))
        .containsExactlyInAnyOrder(
            new Statuses.News(Note.gateway("edge", "web", Troubles.NONE), false),
            new Statuses.News(Note.gateway("edge", "old", Troubles.NONE), true));
    assertThat(statuses.after(Map.of(), true)).isEmpty();
  }

  private static String gateway(String name) {
    return """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: %s, namespace: edge}
        spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}
        """
        .formatted(name);
  }

  private List<Statuses.News> edit(String unit, String text) {
    List<ConfigDocument> documents =
        text.isEmpty() ? List.of() : List.of(new ConfigDocument(unit, unit + "#a.yaml", text));
    ConfigUnits.Outcome outcome = units.change("maps", Map.of(unit, documents));
    version += outcome.config().isPresent() ? 1 : 0;
    return read();
  }

  private List<Statuses.News> read() {
    return statuses.after(new Reading(units.wanted(), units.good(), units.problems()), version);
  }

  private static Note only(List<Statuses.News> news) {
    assertThat(news).hasSize(1);
    return news.get(0).note();
  }

  private static String rule(String name, int weight) {
    return """
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s}
        spec:
          hosts: [%s.test]
          http:
          - route: [{destination: {host: nobody},
              weight: %d}]
        """
        .formatted(name, name, weight);
  }
}
