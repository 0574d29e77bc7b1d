package dev.weft.routing.verticle;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
final class WriteBehindTest {

  private final List<String> written = new CopyOnWriteArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();

  @Test
  void ofThoseThatComeMeanwhileTheNewestIsWritten(Vertx vertx) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    WriteBehind<String> behind =
        behind(
            vertx,
            text -> {
              begun.countDown();
              assertThat(release.await(20, SECONDS)).isTrue();
              written.add(text);
            });

    behind.keep("one");
    assertThat(begun.await(20, SECONDS)).as("the first is written at once").isTrue();
    behind.keep("two");
    behind.keep("three");
    release.countDown();
    flush(behind);

    assertThat(written).containsExactly("one", "three");
    assertThat(failures).isEmpty();
  }

  @Test
  void whatIsThereAlreadyIsNotWritten(Vertx vertx) throws Exception {
    WriteBehind<String> behind = behind(vertx, written::add);

    behind.keep("one");
    flush(behind);
    behind.keep("one");
    flush(behind);

    assertThat(written).containsExactly("one");
  }

  @Test
  void whatFailedIsToldAndWrittenTheNextTime(Vertx vertx) throws Exception {
    WriteBehind<String> behind =
        behind(
            vertx,
            text -> {
              if (failures.isEmpty()) {
                throw new IOException("no space");
              }
              written.add(text);
            });

    behind.keep("one");
    flush(behind);
    behind.keep("one");
    flush(behind);

    assertThat(failures).containsExactly("no space");
    assertThat(written).containsExactly("one");
  }

  @Test
  void whatFailedIsTriedAgainByItself(Vertx vertx) throws Exception {
    CountDownLatch there = new CountDownLatch(1);
    WriteBehind<String> behind =
        behind(
            vertx,
            text -> {
              if (failures.isEmpty()) {
                throw new IOException("no space");
              }
              written.add(text);
              there.countDown();
            });

    behind.keep("one");

    assertThat(there.await(20, SECONDS)).as("written at last").isTrue();
    assertThat(failures).containsExactly("no space");
    assertThat(written).containsExactly("one");
  }

  @Test
  void whatCameSinceGoesBeforeWhatFailed(Vertx vertx) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    WriteBehind<String> behind =
        behind(
            vertx,
            text -> {
              if (text.equals("one")) {
                begun.countDown();
                assertThat(release.await(20, SECONDS)).isTrue();
                throw new IOException("no space");
              }
              written.add(text);
            });

    behind.keep("one");
    assertThat(begun.await(20, SECONDS)).isTrue();
    behind.keep("two");
    release.countDown();
    flush(behind);
    flush(behind);

    assertThat(written).containsExactly("two");
    assertThat(failures).containsExactly("no space");
  }

  private WriteBehind<String> behind(Vertx vertx, WriteBehind.Writing<String> writing) {
    return new WriteBehind<>(vertx, writing, cause -> failures.add(cause.getMessage()));
  }

  private static void flush(WriteBehind<String> behind) throws Exception {
    behind.flushed().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }
}
