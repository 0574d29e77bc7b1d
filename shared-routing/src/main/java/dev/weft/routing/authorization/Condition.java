package dev.weft.routing.authorization;

import dev.weft.config.model.security.AuthorizationPolicy.Values;
import dev.weft.config.model.security.IpBlock;
import dev.weft.routing.authorization.Facts.Address;
import dev.weft.routing.route.match.Authorities;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** What one field of a rule asks for. Immutable. */
interface Condition {

  /** What is told of the caller's name, which is written as the certificate has it. */
  String IDENTITY = "identity";

  boolean holds(Facts facts);

  /** What of the request it looks at, with what stands there: {@code path /admin/x}. */
  String told(Facts facts);

  /** A text; an empty one is none, and none is among nothing. */
  record Single(String label, Function<Facts, String> value, List<Word> in, List<Word> not)
      implements Condition {

    static Single of(String label, Values values, Function<Facts, String> value) {
      return new Single(label, value, Word.all(values.in(), false), Word.all(values.not(), false));
    }

    @Override
    public boolean holds(Facts facts) {
      String text = value.apply(facts);
      return text.isEmpty()
          ? in.isEmpty()
          : (in.isEmpty() || Word.any(in, text)) && !Word.any(not, text);
    }

    @Override
    public String told(Facts facts) {
      String text = value.apply(facts);
      if (text.isEmpty()) {
        return "no " + label;
      }
      return label.equals(IDENTITY) ? label + " spiffe://" + text : label + " " + text;
    }
  }

  /** A host: words without a port are compared without one, as routing does. */
  record Hosts(List<Named> in, List<Named> not) implements Condition {

    /** A word, and whether it says a port. */
    record Named(Word word, boolean port) {

      /** The dot of a full name is none that tells it apart. */
      static Named of(String word) {
        String bare = Authorities.host(word);
        boolean port = !bare.equals(word);
        return new Named(
            Word.of(
                Authorities.named(bare) + Authorities.lower(word.substring(bare.length())), false),
            port);
      }
    }

    static Hosts of(Values values) {
      return new Hosts(
          values.in().stream().map(Named::of).toList(),
          values.not().stream().map(Named::of).toList());
    }

    @Override
    public boolean holds(Facts facts) {
      return (in.isEmpty() || any(in, facts)) && !any(not, facts);
    }

    private static boolean any(List<Named> words, Facts facts) {
      for (int i = 0; i < words.size(); i++) {
        Named named = words.get(i);
        if (named.word.matches(named.port ? facts.authority() : facts.host())) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String told(Facts facts) {
      return "host " + facts.authority();
    }
  }

  /**
   * Texts of which one must do: audiences, claims.
   *
   * @param in none may be asked for
   */
  record Several(String label, Function<Facts, List<String>> values, List<Word> in, List<Word> not)
      implements Condition {

    @Override
    public boolean holds(Facts facts) {
      List<String> all = values.apply(facts);
      return (in.isEmpty() || any(all, in)) && !any(all, not);
    }

    private static boolean any(List<String> all, List<Word> words) {
      for (int i = 0; i < all.size(); i++) {
        if (Word.any(words, all.get(i))) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String told(Facts facts) {
      List<String> all = values.apply(facts);
      return all.isEmpty() ? "no " + label : label + " " + String.join(", ", all);
    }
  }

  /** Addresses; what is none is within no block. */
  record Addresses(
      String label, Function<Facts, Address> address, List<IpBlock> in, List<IpBlock> not)
      implements Condition {

    @Override
    public boolean holds(Facts facts) {
      Optional<IpBlock> one = address.apply(facts).block();
      return one.isEmpty()
          ? in.isEmpty()
          : (in.isEmpty() || any(in, one.get())) && !any(not, one.get());
    }

    private static boolean any(List<IpBlock> blocks, IpBlock address) {
      for (int i = 0; i < blocks.size(); i++) {
        if (blocks.get(i).contains(address)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String told(Facts facts) {
      return label + " " + address.apply(facts).text();
    }
  }

  /** Ports of the workload. */
  record Ports(ToIntFunction<Facts> port, List<Integer> in, List<Integer> not)
      implements Condition {

    @Override
    public boolean holds(Facts facts) {
      Integer one = port.applyAsInt(facts);
      return (in.isEmpty() || in.contains(one)) && !not.contains(one);
    }

    @Override
    public String told(Facts facts) {
      return "port " + port.applyAsInt(facts);
    }
  }
}
