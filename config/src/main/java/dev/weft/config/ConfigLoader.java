package dev.weft.config;

import dev.weft.config.istio.HostNames;
import dev.weft.config.istio.Kinds;
import dev.weft.config.istio.Resources;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Problems;
import dev.weft.config.validate.Checks;
import dev.weft.config.validate.Delegates;
import dev.weft.config.validate.Shadowed;
import dev.weft.config.yaml.YamlNode;
import dev.weft.config.yaml.YamlReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * From texts to a checked {@link MeshConfig}, with all problems at once. No file is read, no clock,
 * and the same texts give the same result; linear in the size of the texts.
 *
 * <p>An instance remembers what it read last, so that of many texts only those that changed are
 * read anew, and what did not change is the same object as before. One thread at a time.
 */
public final class ConfigLoader {

  private Map<ConfigDocument, Text> known = Map.of();
  private Set<String> shortHosts = Set.of(); // of all texts

  /**
   * What a text gave.
   *
   * @param own hosts of its ServiceEntries that have no dot
   * @param all such hosts of all texts: what its own short names mean depends on them
   */
  private record Text(
      ConfigDocument document,
      Set<String> own,
      Set<String> all,
      Resources resources,
      List<Problem> problems) {}

  /** A text on its way. */
  private record Parsed(ConfigDocument document, List<YamlNode> nodes, Problems problems) {

    static Parsed of(ConfigDocument document) {
      Problems problems = new Problems();
      return new Parsed(
          document, YamlReader.read(document.name(), document.text(), problems), problems);
    }

    Text read(Set<String> own, Set<String> all) {
      Resources resources = Kinds.read(nodes, document.within(), new HostNames(all), problems);
      Shadowed.check(resources.virtualServices(), problems);
      return new Text(document, own, all, resources, problems.sorted());
    }
  }

  /** All texts, remembering nothing. Any thread. */
  public static LoadResult load(List<ConfigDocument> documents) {
    return new ConfigLoader().read(documents);
  }

  /** Another one that remembers the same, for one other thread. */
  ConfigLoader fork() {
    ConfigLoader fork = new ConfigLoader();
    fork.known = known;
    fork.shortHosts = shortHosts;
    return fork;
  }

  /** All texts, those that did not change as they were read before. */
  public LoadResult read(List<ConfigDocument> documents) {
    List<Text> texts = texts(documents);
    Map<ConfigDocument, Text> now = new HashMap<>();
    texts.forEach(text -> now.put(text.document, text));
    known = now;
    Problems problems = new Problems();
    MeshConfig read =
        Resources.together(texts.stream().map(text -> text.resources).toList(), problems);
    Checks.all(read, problems);
    MeshConfig config = Delegates.merge(read, problems);
    Checks.named(config, problems);
    return new LoadResult(config, together(texts, problems.sorted()));
  }

  private static List<Problem> together(List<Text> texts, List<Problem> between) {
    List<Problem> all = new ArrayList<>(between);
    texts.forEach(text -> all.addAll(text.problems));
    boolean more = all.size() > between.size();
    return more ? all.stream().distinct().sorted().toList() : between;
  }

  private List<Text> texts(List<ConfigDocument> documents) {
    List<Optional<Text>> before = documents.stream().map(this::before).toList();
    List<Optional<Parsed>> parsed = new ArrayList<>();
    List<Set<String>> own = new ArrayList<>();
    Set<String> all = new HashSet<>();
    for (int i = 0; i < documents.size(); i++) {
      ConfigDocument document = documents.get(i);
      boolean known = before.get(i).isPresent();
      parsed.add(known ? Optional.empty() : Optional.of(Parsed.of(document)));
      own.add(
          before
              .get(i)
              .map(Text::own)
              .or(() -> parsed.get(parsed.size() - 1).map(one -> Kinds.shortHosts(one.nodes)))
              .orElse(Set.of()));
      all.addAll(own.get(i));
    }
    shortHosts = all.equals(shortHosts) ? shortHosts : all; // one set for all texts
    List<Text> texts = new ArrayList<>();
    for (int i = 0; i < documents.size(); i++) {
      Optional<Text> same = before.get(i).filter(text -> text.all.equals(shortHosts));
      if (same.isPresent()) {
        texts.add(same.get());
      } else {
        ConfigDocument document = documents.get(i);
        Parsed fresh = parsed.get(i).orElseGet(() -> Parsed.of(document));
        texts.add(fresh.read(own.get(i), shortHosts));
      }
    }
    return texts;
  }

  private Optional<Text> before(ConfigDocument document) {
    return Optional.ofNullable(known.get(document));
  }
}
