package dev.weft.routing.authentication;

import dev.weft.routing.authentication.jwt.JoseKeys;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was found out about tokens, so that each is verified once: of one event loop, only that may
 * enter. Tokens that count and others are kept apart, so that nobody drives the first out by
 * sending rubbish. Bounded by number and by characters; what was not used for longest goes first.
 */
final class KnownTokens {

  private static final int MOST_GOOD = 1024;
  private static final int MOST_GOOD_CHARACTERS = 1024 * 1024;
  private static final int MOST_BAD = 256;
  private static final int MOST_BAD_CHARACTERS = 256 * 1024;

  private final Kept good = new Kept(MOST_GOOD, MOST_GOOD_CHARACTERS);
  private final Kept bad = new Kept(MOST_BAD, MOST_BAD_CHARACTERS);

  /**
   * @param place where it stood: not everywhere the same rules hold
   */
  private record Key(int place, String token) {}

  /**
   * @param untilMillis of 1970
   * @param keys that it was found out by; where they are others now it is not known any more
   */
  private record Entry(Answer answer, long untilMillis, List<Seen> keys) {
    boolean holds(long nowMillis) {
      if (nowMillis >= untilMillis) {
        return false;
      }
      for (Seen seen : keys) {
        if (!seen.same()) {
          return false;
        }
      }
      return true;
    }
  }

  /** Keys of a source when they were asked. */
  record Seen(KeySource source, Optional<JoseKeys> keys) {

    static Seen of(KeySource source) {
      return new Seen(source, source.now());
    }

    @SuppressWarnings("ReferenceEquality") // the same object until they change
    boolean same() {
      return source.now().orElse(null) == keys.orElse(null);
    }
  }

  /** Those of one kind. */
  private static final class Kept {

    private final LinkedHashMap<Key, Entry> all = new LinkedHashMap<>(16, 0.75f, true);
    private final int most;
    private final int mostCharacters;
    private int characters;

    Kept(int most, int mostCharacters) {
      this.most = most;
      this.mostCharacters = mostCharacters;
    }

    void put(Key key, Entry entry) {
      if (all.put(key, entry) == null) {
        characters += key.token.length();
      }
      Iterator<Map.Entry<Key, Entry>> eldest = all.entrySet().iterator();
      while (all.size() > most || characters > mostCharacters) {
        characters -= eldest.next().getKey().token.length();
        eldest.remove();
      }
    }

    @Nullable Answer get(Key key, long nowMillis) {
      Entry entry = all.get(key);
      if (entry == null || entry.holds(nowMillis)) {
        return entry == null ? null : entry.answer;
      }
      all.remove(key);
      characters -= key.token.length();
      return null;
    }
  }

  /** Null where it is not known. */
  @Nullable Answer get(int place, String token, long nowMillis) {
    Key key = new Key(place, token);
    Answer known = good.get(key, nowMillis);
    return known == null ? bad.get(key, nowMillis) : known;
  }

  /**
   * @param untilMillis of 1970, from when on it has to be found out again
   * @param keys by which it was found out
   */
  void put(int place, String token, Answer answer, long untilMillis, List<Seen> keys) {
    Kept kept = answer instanceof Answer.Known ? good : bad;
    kept.put(new Key(place, token), new Entry(answer, untilMillis, keys));
  }

  /** How many are known. */
  int size() {
    return good.all.size() + bad.all.size();
  }
}
