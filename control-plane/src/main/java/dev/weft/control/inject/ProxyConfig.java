package dev.weft.control.inject;

import dev.weft.config.problem.Problems;
import dev.weft.config.yaml.YamlNode;
import dev.weft.config.yaml.YamlReader;
import java.util.List;
import java.util.Optional;

/**
 * Istio's annotation {@code proxy.istio.io/config}, YAML within YAML.
 *
 * @param hold its {@code holdApplicationUntilProxyStarts}
 */
record ProxyConfig(Optional<Boolean> hold) {

  static final String NAME = "proxy.istio.io/config";
  private static final String HOLD = "holdApplicationUntilProxyStarts";

  /**
   * Reads one.
   *
   * @param unread hears of its other fields
   */
  static ProxyConfig of(String text, List<String> faults, List<String> unread) {
    Problems problems = new Problems();
    List<YamlNode> documents = YamlReader.read(NAME, text, problems);
    Optional<Boolean> hold = Optional.empty();
    boolean good = problems.sorted().isEmpty() && documents.size() <= 1;
    for (YamlNode document : documents) {
      if (document instanceof YamlNode.Mapping mapping) {
        for (YamlNode.Entry entry : mapping.entries()) {
          if (entry.key().equals(HOLD)) {
            hold = truth(entry.value());
            good &= hold.isPresent();
          } else {
            unread.add(entry.key());
          }
        }
      } else {
        good = false;
      }
    }
    if (!good) {
      faults.add(
          Annotations.sentence(NAME, text, "a mapping in YAML", "for example " + HOLD + ": true"));
    }
    return new ProxyConfig(hold);
  }

  private static Optional<Boolean> truth(YamlNode value) {
    String text = value.described();
    return text.equals("true") || text.equals("false")
        ? Optional.of(text.equals("true"))
        : Optional.empty();
  }
}
