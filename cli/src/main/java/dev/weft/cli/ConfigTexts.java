package dev.weft.cli;

import dev.weft.config.ConfigDocument;
import dev.weft.config.source.DirectorySource;
import dev.weft.kubernetes.discovery.ApiServerOpener;
import dev.weft.routing.process.SourceOpener;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The texts behind a {@code --config} value, read once. Blocks, at most for a quarter minute. */
final class ConfigTexts {

  private static final String DIRECTORY = "dir:";
  private static final int PATIENCE_SECONDS = 15;

  private ConfigTexts() {}

  /**
   * @param source {@code dir:PATH}, or one of {@code configmap:} or {@code kubernetes:}
   * @throws IllegalArgumentException with one sentence where it cannot be meant
   * @throws IOException with one sentence where it cannot be read
   */
  static List<ConfigDocument> of(String source) throws IOException, InterruptedException {
    if (source.startsWith(DIRECTORY)) {
      return DirectorySource.read(Path.of(source.substring(DIRECTORY.length())));
    }
    SourceOpener opener = new ApiServerOpener();
    if (opener.opens(source)) {
      return first(opener, source);
    }
    throw new IllegalArgumentException(
        "--config "
            + source
            + " (expected: dir:PATH, configmap:NAMESPACE/NAME, configmap:NAMESPACE?label=SELECTOR,"
            + " kubernetes: or kubernetes:NAMESPACE)");
  }

  /** What a watched source tells first is all that there is. */
  private static List<ConfigDocument> first(SourceOpener opener, String source)
      throws IOException, InterruptedException {
    CompletableFuture<Map<String, List<ConfigDocument>>> told = new CompletableFuture<>();
    Vertx vertx = Vertx.vertx();
    AutoCloseable watch = opener.open(vertx, source, told::complete, why -> failed(told, why));
    try {
      return told.get(PATIENCE_SECONDS, TimeUnit.SECONDS).values().stream()
          .flatMap(Collection::stream)
          .toList();
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(Objects.requireNonNull(e.getCause()).getMessage()), e);
    } catch (TimeoutException e) {
      throw new IOException(source + " told nothing for " + PATIENCE_SECONDS + " s", e);
    } finally {
      ended(watch);
      vertx.close();
    }
  }

  private static void failed(CompletableFuture<?> told, String why) {
    told.completeExceptionally(new IOException(why));
  }

  private static void ended(AutoCloseable watch) throws IOException {
    try {
      watch.close();
    } catch (Exception e) {
      throw new IOException("the watch does not end: " + e.getMessage(), e);
    }
  }
}
