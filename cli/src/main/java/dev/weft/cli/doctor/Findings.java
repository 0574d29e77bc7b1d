package dev.weft.cli.doctor;

import dev.weft.cli.doctor.Finding.Mark;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** All that was found, by sections. */
record Findings(List<Section> sections) {

  Findings {
    sections = List.copyOf(sections);
  }

  /** What belongs together. */
  record Section(String name, List<Finding> findings) {

    Section {
      findings = List.copyOf(findings);
    }
  }

  /** Whether something does not work. */
  boolean failed() {
    return count(Mark.FAIL) > 0;
  }

  private long count(Mark mark) {
    return sections.stream()
        .flatMap(section -> section.findings().stream())
        .filter(one -> one.mark() == mark)
        .count();
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (Section section : sections) {
      text.append(section.name()).append('\n');
      for (Finding one : section.findings()) {
        String word = "[" + one.mark().word() + "]";
        text.append("  %-6s %s%n".formatted(word, one.text().replace("\n", "\n         ")));
        if (!one.hint().isEmpty()) {
          text.append("         hint: ").append(one.hint()).append('\n');
        }
      }
      text.append('\n');
    }
    long fails = count(Mark.FAIL);
    long warnings = count(Mark.WARN);
    String all = fails + " failed, " + warnings + (warnings == 1 ? " warning" : " warnings");
    return text.append(fails + warnings == 0 ? "all is well" : all).toString();
  }

  JsonObject json() {
    JsonArray all = new JsonArray();
    for (Section section : sections) {
      for (Finding one : section.findings()) {
        all.add(
            new JsonObject()
                .put("section", section.name())
                .put("result", one.mark().word())
                .put("text", one.text())
                .put("hint", one.hint()));
      }
    }
    return new JsonObject().put("ok", !failed()).put("findings", all);
  }
}
