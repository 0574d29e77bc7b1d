package dev.weft.config;

import dev.weft.config.istio.Kinds;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Problems;
import dev.weft.config.validate.Delegates;
import dev.weft.config.validate.References;
import dev.weft.config.validate.Shadowed;
import dev.weft.config.yaml.YamlNode;
import dev.weft.config.yaml.YamlReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * From texts to a checked {@link MeshConfig}, with all problems at once. Pure: no file is read, no
 * clock, and the same texts give the same result. Any thread; linear in the size of the texts.
 */
public final class ConfigLoader {

  private ConfigLoader() {}

  public static LoadResult load(List<ConfigDocument> documents) {
    Problems problems = new Problems();
    List<YamlNode> nodes = new ArrayList<>();
    Map<String, String> within = new HashMap<>();
    for (ConfigDocument document : documents) {
      document.within().ifPresent(namespace -> within.put(document.name(), namespace));
      nodes.addAll(YamlReader.read(document.name(), document.text(), problems));
    }
    MeshConfig read = Kinds.read(nodes, within, problems);
    Shadowed.check(read, problems);
    MeshConfig config = Delegates.merge(read, problems);
    References.check(config, problems);
    return new LoadResult(config, problems.sorted());
  }
}
