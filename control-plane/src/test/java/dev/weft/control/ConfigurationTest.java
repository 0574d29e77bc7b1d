package dev.weft.control;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.SourceEdit;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.control.status.Reading;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.process.LastGood;
import dev.weft.routing.process.SourceOpener;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ConfigurationTest {

  private static final Duration LONG = Duration.ofDays(1);
  private static final String MAPS = "configmap:prod/routes";

  @TempDir private Path folder;
  @TempDir private Path state;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final BlockingQueue<List<String>> published = new LinkedBlockingQueue<>();
  private final List<Reading> told = new CopyOnWriteArrayList<>();
  private final ToldByHand maps = new ToldByHand();
  private final List<Configuration> open = new ArrayList<>();
  private long versions; // on the loop alone

  /** An API server that answers when the test says so. */
  private static final class ToldByHand implements SourceOpener {

    private Consumer<Map<String, List<ConfigDocument>>> changed = none -> {};
    private Consumer<String> failed = none -> {};

    @Override
    public boolean opens(String source) {
      return source.startsWith("configmap:");
    }

    @Override
    public AutoCloseable open(
        Vertx vertx,
        String source,
        Consumer<Map<String, List<ConfigDocument>>> told,
        Consumer<String> trouble) {
      changed = told;
      failed = trouble;
      return () -> {};
    }

    void tell(String host) {
      changed.accept(Map.of(MAPS, List.of(new ConfigDocument(MAPS, MAPS + "#a", rule(host)))));
    }
  }

  @AfterEach
  void close() throws Exception {
    for (Configuration one : open) {
      one.close();
      done(one.flushed()); // lest something be written into a folder that is deleted
    }
    done(vertx.close());
  }

  @Test
  void nothingIsPublishedBeforeEverySourceHasTold() throws Exception {
    write("folder");
    done(started(LONG, dir(), MAPS));
    assertThat(published).isEmpty();

    maps.tell("map");

    assertThat(next()).containsExactlyInAnyOrder("folder.test", "map.test");
    assertThat(published).isEmpty();
  }

  @Test
  void whatIsPublishedIsLookedAt() throws Exception {
    String above =
        rule("a").replace("http: [{", "http: [{match: [{uri: {prefix: /foo}, port: 80}], ");
    Files.writeString(
        folder.resolve("rules.yaml"),
        above.replace("]}\n", ", {match: [{uri: {exact: /foobar}}], redirect: {uri: /b}}]}\n"));
    done(started(LONG, dir()));
    Configuration serves = open.get(0);

    for (int i = 0; i < 2_000 && !state(serves).equals("done"); i++) {
      done(vertx.timer(10, TimeUnit.MILLISECONDS));
    }

    assertThat(state(serves)).isEqualTo("done");
    assertThat(serves.status().problems())
        .singleElement()
        .satisfies(one -> assertThat(one.message()).contains("e.g. GET http://a.test/foobar"));
  }

  private static String state(Configuration serves) {
    return serves.status().lint().map(AdminView.Lint::state).orElse("none");
  }

  @Test
  void whatBecameOfAReadingIsToldAfterIt() throws Exception {
    write("folder");
    done(started(LONG, dir(), MAPS));
    assertThat(told).isEmpty();
    maps.tell("map");
    next();

    maps.tell("map-now");
    next();

    Reading first = told.get(0);
    assertThat(first.wanted()).containsOnlyKeys(dir(), MAPS).isEqualTo(first.good());
    assertThat(first.problems()).isEmpty();
  }

  @Test
  void whatWasPublishedStandsForASourceThatCannotBeRead() throws Exception {
    write("folder");
    done(started(LONG, dir(), MAPS));
    maps.tell("map");
    next();
    ended();

    write("folder-now");
    done(started(LONG, dir(), MAPS));
    assertThat(published).isEmpty();
    maps.failed.accept("the API server cannot be reached");

    assertThat(next()).containsExactlyInAnyOrder("folder-now.test", "map.test");
    maps.tell("map-now");
    assertThat(next()).containsExactlyInAnyOrder("folder-now.test", "map-now.test");
  }

  @Test
  void whatWasPublishedStandsForASourceThatSaysNothing() throws Exception {
    done(started(LONG, MAPS));
    maps.tell("map");
    next();
    ended();

    done(started(Duration.ofMillis(1), MAPS));

    assertThat(next()).containsExactly("map.test");
  }

  @Test
  void aSourceThatAnswersAtOnceIsNotGuessedAt() throws Exception {
    done(started(LONG, MAPS));
    maps.tell("map");
    next();
    ended();

    done(started(LONG, MAPS));
    maps.tell("map-now");
    maps.failed.accept("the API server cannot be reached");
    maps.tell("map-later");

    assertThat(next()).containsExactly("map-now.test");
    assertThat(next()).containsExactly("map-later.test");
  }

  @Test
  void aFolderThatIsGoneIsWhatItWasAndIsLookedFor() throws Exception {
    write("folder");
    done(started(LONG, dir()));
    next();
    ended();
    Path away = folder.resolveSibling(folder.getFileName() + "-away");
    Files.move(folder, away);

    done(started(LONG, dir()));
    assertThat(next()).containsExactly("folder.test");
    Files.writeString(away.resolve("rules.yaml"), rule("back"));
    Files.move(away, folder);

    assertThat(next()).containsExactly("back.test");
  }

  @Test
  void aFolderThatWasNeverThereIsAFailure() {
    Future<Void> started = started(LONG, "dir:" + folder.resolve("nowhere"));

    assertThatThrownBy(() -> done(started)).hasMessageContaining("nowhere");
  }

  @Test
  void errorsFailTheFirstStartAlone() throws Exception {
    Files.writeString(folder.resolve("rules.yaml"), "kind: [");
    Future<Void> broken = started(LONG, dir());
    assertThatThrownBy(() -> done(broken)).hasMessageContaining("the configuration has errors");
    ended();
    write("folder");
    done(started(LONG, dir()));
    next();
    ended();

    Files.writeString(folder.resolve("rules.yaml"), "kind: [");
    done(started(LONG, dir()));

    assertThat(next()).containsExactly("folder.test");
  }

  @Test
  void anEditIsWrittenPublishedAndToldWithWhoAskedForIt() throws Exception {
    write("folder");
    done(started(LONG, dir()));
    next();
    Configuration one = open.get(0);
    ConfigDocument before =
        one.history().current().orElseThrow().units().get(dir()).get(dir()).get(0);
    ConfigDocument after =
        new ConfigDocument(before.unit(), before.name(), rule("edited"), before.within());
    SourceEdit edit =
        new SourceEdit(dir(), before, after, one.weights().writers().apply(dir()).orElseThrow());

    done(one.weights().changing().change(edit, "asked for by token alice from 10.0.0.1"));

    assertThat(next()).containsExactly("edited.test");
    assertThat(folder.resolve("rules.yaml")).hasContent(rule("edited"));
    assertThat(one.history().current().orElseThrow().cause())
        .isEqualTo("asked for by token alice from 10.0.0.1");
    assertThat(one.serving().virtualServices().get(0).hosts()).containsExactly("edited.test");
    assertThatThrownBy(() -> done(one.weights().changing().change(edit, "again")))
        .hasMessageContaining("it was changed meanwhile; look again");
    write("later");
    assertThat(next())
        .as("what the folder told of the edit is no version")
        .containsExactly("later.test");
  }

  @Test
  void whatIsKeptIsForNobodyElse() throws Exception {
    write("folder");
    done(started(LONG, dir()));
    next();
    ended();

    try (var files = Files.list(state)) {
      List<Path> kept = files.toList();
      assertThat(kept).hasSize(1);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept.get(0))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void whatMendsARefusedEditIsAnotherVersionAlsoWhereItsSourceFailedMeanwhile() throws Exception {
    done(started(LONG, MAPS));
    maps.tell("map");
    next();
    maps.tell("no host");
    maps.failed.accept("the API server is away");

    maps.tell("map");

    assertThat(next()).containsExactly("map.test");
  }

  private String dir() {
    return "dir:" + folder;
  }

  private void write(String host) throws Exception {
    Files.writeString(folder.resolve("rules.yaml"), rule(host));
  }

  private Future<Void> started(Duration patience, String... sources) {
    return Future.future(
        promise ->
            vertx.runOnContext(
                now -> {
                  Configuration made =
                      new Configuration(
                          vertx,
                          maps,
                          new LastGood(Optional.of(state)),
                          patience,
                          this::heard,
                          told::add);
                  open.add(made);
                  made.open(List.of(sources)).onComplete(promise);
                }));
  }

  private long heard(MeshConfig config) {
    published.add(
        config.virtualServices().stream()
            .map(VirtualService::hosts)
            .flatMap(List::stream)
            .toList());
    return ++versions;
  }

  private void ended() throws Exception {
    Configuration last = open.remove(open.size() - 1);
    last.close();
    done(last.flushed());
    published.clear();
  }

  private List<String> next() throws InterruptedException {
    List<String> next = published.poll(20, TimeUnit.SECONDS);
    assertThat(next).isNotNull();
    return next;
  }

  private static String rule(String host) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s}
        spec: {hosts: [%s.test], http: [{directResponse: {status: 200}}]}
        """
        .formatted(host, host);
  }
}
