package dev.weft.routing.process;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.SourceWriter;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Opens sources of configuration of one kind, which a module above knows: {@code configmap:},
 * {@code kubernetes:}.
 */
public interface SourceOpener {

  /** Whether it knows a {@code --config} value. */
  boolean opens(String source);

  /**
   * Begins to watch; returns at once.
   *
   * @param changed gets what changed, by unit; a unit without texts is gone. Any thread
   * @param failed gets one sentence when the source cannot be asked; what was read before stays
   * @return ends the watching
   * @throws IllegalArgumentException with one sentence where {@code source} cannot be meant
   */
  AutoCloseable open(
      Vertx vertx,
      String source,
      Consumer<Map<String, List<ConfigDocument>>> changed,
      Consumer<String> failed);

  /**
   * Writes a source that this one opens.
   *
   * @return empty where its units are not written here, so that they are not rolled back either
   */
  default Optional<SourceWriter> writer(Vertx vertx, String source) {
    return Optional.empty();
  }
}
