package dev.weft.routing.authorization;

import java.util.List;

/**
 * A header, of which there may be several: a rule that denies matches where one of them does, a
 * rule that allows where all of them do. What denies also looks at the elements of a list that is
 * written in one line (RFC 9110 section 5.3), which a server may tell apart.
 *
 * <p>Headers are those that go on: not what a caller may not say about itself, nor what its {@code
 * Connection} names. What denies by a value also looks at one that stays here, {@code upgrade}.
 *
 * @param denies what becomes of a request that the rule matches
 */
record HeaderCondition(String name, List<Word> in, List<Word> not, boolean denies)
    implements Condition {

  @Override
  public boolean holds(Facts facts) {
    List<String> values = facts.headers(name);
    if (values.isEmpty()) {
      return in.isEmpty() || (denies && any(facts.cameAs(name)));
    }
    return denies ? any(values) : all(values);
  }

  private boolean any(List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      if (holds(values.get(i))) {
        return true;
      }
    }
    return false;
  }

  private boolean all(List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      if (!holds(values.get(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean holds(String line) {
    return (in.isEmpty() || Word.any(in, line) || (denies && element(line)))
        && !Word.any(not, line);
  }

  private boolean element(String line) {
    int from = 0;
    for (int comma = line.indexOf(','); comma >= 0; comma = line.indexOf(',', from)) {
      if (Word.any(in, line.substring(from, comma).strip())) {
        return true;
      }
      from = comma + 1;
    }
    return from > 0 && Word.any(in, line.substring(from).strip());
  }

  @Override
  public String told(Facts facts) {
    List<String> values = facts.headers(name);
    return values.isEmpty()
        ? "no header " + name
        : "header " + name + ": " + String.join(", ", values);
  }
}
