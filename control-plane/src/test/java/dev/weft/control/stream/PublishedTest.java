package dev.weft.control.stream;

import static dev.weft.control.MeshServer.done;
import static dev.weft.control.stream.StreamFixture.config;
import static dev.weft.control.stream.StreamFixture.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PublishedTest {

  private Vertx vertx;

  @BeforeEach
  void begin() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void end() throws Exception {
    done(vertx.close());
  }

  @Test
  void whatIsAsBeforeIsTheSamePartInEachVersionAndNamespace() throws Exception {
    Published first = Published.first(vertx, config(rule("a", "one"), rule("b", "one")));
    Change prod = done(first.after(viewer("prod"), Published.NOTHING));

    Published second = first.next(config(rule("a", "one"), rule("b", "two")));
    Change shop = done(second.after(viewer("shop"), Published.NOTHING));
    Change news = done(second.after(viewer("prod"), prod.now()));

    String name = "VirtualService/prod/a";
    assertThat(shop.now().get(name)).isSameAs(prod.now().get(name));
    assertThat(shop.now().get(name).text()).isSameAs(prod.now().get(name).text());
    assertThat(news.set()).containsExactly(shop.now().get("VirtualService/prod/b"));
    assertThat(news.version()).isEqualTo(2);
  }

  @Test
  void proxiesThatHaveTheSameAreToldTheSame() throws Exception {
    Published first = Published.first(vertx, config(rule("a", "one")));
    Change one = done(first.after(viewer("prod"), Published.NOTHING));
    Change other = done(first.after(viewer("prod"), Published.NOTHING));
    Published second = first.next(config(rule("a", "two")));

    List<Change> news =
        List.of(
            done(second.after(viewer("prod"), one.now())),
            done(second.after(viewer("prod"), other.now())));

    assertThat(news.get(0)).isSameAs(news.get(1));
  }

  @Test
  void whatComesToTheSameAgainIsNotTold() throws Exception {
    Published first = Published.first(vertx, config(rule("a", "one")));
    Change before = done(first.after(viewer("prod"), Published.NOTHING));

    Change same = done(first.next(config(rule("a", "one"))).after(viewer("prod"), before.now()));

    assertThat(same.told()).isFalse();
  }

  private static Viewer viewer(String namespace) {
    return new Viewer(namespace, Optional.empty());
  }
}
