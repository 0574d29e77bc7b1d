package dev.weft.routing.process;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The last configuration that served, kept on disk for a restart without its source. */
final class LastGood {

  private static final String FILE = "config.json";

  private final Path folder;

  LastGood(Path folder) {
    this.folder = folder;
  }

  /** Empty where there is none, or it is of another version. */
  Optional<MeshConfig> read() {
    try {
      JsonObject all = new JsonObject(Files.readString(folder.resolve(FILE)));
      Map<String, String> resources = new HashMap<>();
      all.forEach(entry -> resources.put(entry.getKey(), String.valueOf(entry.getValue())));
      return Optional.of(ConfigCodec.read(resources));
    } catch (IOException | DecodeException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Replaces it whole, 0600. */
  void write(MeshConfig config) throws IOException {
    JsonObject all = new JsonObject();
    ConfigCodec.write(config).forEach(all::put);
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Path draft =
        Files.createTempFile(
            folder,
            FILE,
            ".draft",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(draft, all.encode());
    Files.move(
        draft,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
