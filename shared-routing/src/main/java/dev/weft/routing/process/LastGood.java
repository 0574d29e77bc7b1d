package dev.weft.routing.process;

import dev.weft.config.ConfigDocument;
import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.verticle.ConfigVerticle;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last configuration that served, kept on disk for a restart without its source, or with a
 * source that has errors now. Files are 0600, since Secrets may be among them: a line of JSON, and
 * one with its CRC-32C, without which it is not read.
 */
public final class LastGood implements ConfigVerticle.Keeper {

  private static final Logger LOG = LoggerFactory.getLogger(LastGood.class);
  private static final String STREAMED = "config.json"; // what the control plane sent, checked
  private static final String UNITS = "units.json"; // texts of folders and ConfigMaps

  private final Optional<Path> folder;

  /**
   * @param folder of the process' state; without one nothing is kept
   */
  public LastGood(Optional<Path> folder) {
    this.folder = folder;
  }

  /** What the control plane sent; empty where there is none, or it is of another version. */
  Optional<MeshConfig> streamed() {
    try {
      Map<String, String> resources = new HashMap<>();
      text(STREAMED)
          .forEach(entry -> resources.put(entry.getKey(), String.valueOf(entry.getValue())));
      return resources.isEmpty() ? Optional.empty() : Optional.of(ConfigCodec.read(resources));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Keeps what the control plane sent. */
  void streamed(MeshConfig config) throws IOException {
    JsonObject all = new JsonObject();
    ConfigCodec.write(config).forEach(all::put);
    replace(STREAMED, all);
  }

  @Override
  public Map<String, Map<String, List<ConfigDocument>>> read() {
    try {
      Map<String, Map<String, List<ConfigDocument>>> all = new LinkedHashMap<>();
      JsonObject kept = text(UNITS);
      for (String source : kept.fieldNames()) {
        all.put(source, units(kept.getJsonObject(source)));
      }
      return all;
    } catch (ClassCastException e) {
      LOG.warn("{} is not of this version and not read", UNITS);
      return Map.of();
    }
  }

  private static Map<String, List<ConfigDocument>> units(JsonObject kept) {
    Map<String, List<ConfigDocument>> units = new LinkedHashMap<>();
    for (String unit : kept.fieldNames()) {
      List<ConfigDocument> documents = new ArrayList<>();
      JsonArray texts = kept.getJsonArray(unit);
      for (int i = 0; i < texts.size(); i++) {
        JsonObject one = texts.getJsonObject(i);
        documents.add(
            new ConfigDocument(
                unit,
                one.getString("name", ""),
                one.getString("text", ""),
                Optional.ofNullable(one.getString("within"))));
      }
      units.put(unit, documents);
    }
    return units;
  }

  @Override
  public void write(Map<String, Map<String, List<ConfigDocument>>> units) throws IOException {
    JsonObject all = new JsonObject();
    units.forEach((source, mine) -> all.put(source, json(mine)));
    replace(UNITS, all);
  }

  private static JsonObject json(Map<String, List<ConfigDocument>> units) {
    JsonObject all = new JsonObject();
    units.forEach(
        (unit, documents) -> {
          JsonArray kept = new JsonArray();
          for (ConfigDocument one : documents) {
            JsonObject text = new JsonObject().put("name", one.name()).put("text", one.text());
            one.within().ifPresent(namespace -> text.put("within", namespace));
            kept.add(text);
          }
          all.put(unit, kept);
        });
    return all;
  }

  /** Empty where there is none that can be read. */
  private JsonObject text(String file) {
    if (folder.isEmpty()) {
      return new JsonObject();
    }
    try {
      return new JsonObject(whole(Files.readString(folder.get().resolve(file))));
    } catch (NoSuchFileException e) {
      return new JsonObject();
    } catch (IOException | DecodeException e) {
      LOG.warn("{} cannot be read: {}", folder.get().resolve(file), e.getMessage());
      return new JsonObject();
    }
  }

  /**
   * @throws DecodeException where it is not what was written
   */
  private static String whole(String file) {
    int end = file.indexOf('\n');
    String text = end < 0 ? file : file.substring(0, end);
    if (!file.equals(checked(text))) {
      throw new DecodeException("it is not whole: its checksum is missing or another's");
    }
    return text;
  }

  private static String checked(String text) {
    CRC32C sum = new CRC32C();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return text + "\ncrc32c " + Long.toHexString(sum.getValue()) + "\n";
  }

  /** Replaces a file whole. */
  private void replace(String file, JsonObject content) throws IOException {
    if (folder.isEmpty()) {
      return;
    }
    Path at = folder.get();
    if (!Files.isDirectory(at)) {
      Files.createDirectories(
          at, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Path draft =
        Files.createTempFile(
            at,
            file,
            ".draft",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(draft, checked(content.encode()));
    Files.move(
        draft,
        at.resolve(file),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
