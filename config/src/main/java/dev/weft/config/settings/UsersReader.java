package dev.weft.config.settings;

import dev.weft.config.model.settings.edge.BasicAuth;
import dev.weft.config.model.settings.edge.BasicAuth.User;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code basicAuth}. A hash that is quick to compute is quick to find by guessing, so that
 * only slow ones are taken. No message shows one.
 */
final class UsersReader {

  private static final int MOST = 1_000;
  private static final int USUAL_COST = 10;
  private static final int MOST_ROUNDS = 10_000_000;
  private static final int LEAST_ROUNDS = 100_000;
  private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}");
  private static final Pattern PBKDF2 =
      Pattern.compile(
          "\\$pbkdf2-sha256\\$([1-9]\\d{0,8})\\$[./A-Za-z0-9]{11,86}\\$[./A-Za-z0-9]{43}");
  private static final Map<String, String> KINDS = kinds();
  private static final String HINT =
      "htpasswd -nB -C 12 NAME asks for a password and tells its hash";

  private UsersReader() {}

  private static Map<String, String> kinds() {
    Map<String, String> kinds = new LinkedHashMap<>();
    kinds.put("{SHA", "SHA-1");
    kinds.put("{SSHA", "salted SHA-1");
    kinds.put("$apr1$", "MD5 of Apache");
    kinds.put("$1$", "MD5");
    kinds.put("$5$", "SHA-256 crypt");
    kinds.put("$6$", "SHA-512 crypt");
    kinds.put("$2x$", "bcrypt of a faulty kind");
    kinds.put("$2", "bcrypt that is cut or damaged");
    kinds.put("$pbkdf2", "PBKDF2 of another kind, or damaged");
    kinds.put("{PLAIN", "plain text");
    return kinds;
  }

  static BasicAuth read(Fields fields) {
    boolean enabled = fields.flag("enabled", true);
    String realm = fields.text("realm", "weft");
    if (!realm.matches("[ -~&&[^\"\\\\]]{1,100}")) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "realm",
          "'"
              + Fields.shortened(realm)
              + "' (expected: up to 100 characters of ASCII, no quotes, no backslashes)",
          "");
    }
    boolean remove = fields.flag("removeHeader", true);
    List<User> users = users(fields);
    fields.done();
    if (!enabled) {
      Switched.off(
          fields, fields.has("realm") || fields.has("removeHeader") || fields.has("users"));
      return BasicAuth.OFF;
    }
    if (users.isEmpty() && fields.items("users").isEmpty()) {
      fields.error(
          Codes.MISSING_FIELD, "users", "no users (expected: at least one, name and hash)", HINT);
    }
    return new BasicAuth(realm, users, remove);
  }

  private static List<User> users(Fields fields) {
    List<User> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields one : fields.objects("users")) {
      String name = one.required("name", "a name");
      String hash = one.required("hash", "a hash of the password");
      one.done();
      if (!name.isEmpty() && !name.matches("[!-~&&[^:]]{1,100}")) {
        one.error(
            Codes.UNKNOWN_VALUE,
            "name",
            "'"
                + Fields.shortened(name)
                + "' (expected: up to 100 visible characters of ASCII, no colon)",
            "the colon ends a name (RFC 7617)");
      } else if (!names.add(name)) {
        one.error(Codes.DUPLICATE_NAME, "name", "'" + name + "' a second time", "");
      }
      if (!hash.isEmpty()) {
        checked(one, hash);
      }
      all.add(new User(name, hash));
    }
    if (all.size() > MOST) {
      fields.error(
          Codes.TOO_LARGE, "users", all.size() + " users (expected: at most " + MOST + ")", "");
    }
    return all;
  }

  private static void checked(Fields one, String hash) {
    Matcher bcrypt = BCRYPT.matcher(hash);
    Matcher rounds = PBKDF2.matcher(hash);
    if (bcrypt.matches()) {
      cost(one, Integer.parseInt(bcrypt.group(1)));
    } else if (rounds.matches()) {
      range(one, "rounds", Integer.parseInt(rounds.group(1)), LEAST_ROUNDS, MOST_ROUNDS);
    } else {
      String kind =
          KINDS.entrySet().stream()
              .filter(known -> hash.startsWith(known.getKey()))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse("plain text, or a kind that is not known");
      one.error(
          Codes.UNKNOWN_VALUE,
          "hash",
          kind + " (expected: bcrypt or $pbkdf2-sha256$ROUNDS$SALT$HASH)",
          HINT);
    }
  }

  /** Each step doubles the time that a password takes: 14 is about a second. */
  private static void cost(Fields one, int cost) {
    range(one, "cost", cost, 4, 14);
    if (cost >= 4 && cost < USUAL_COST) {
      one.warning(Codes.TRAP, "hash", "bcrypt of cost " + cost + ": quick to guess", HINT);
    }
  }

  private static void range(Fields one, String what, int number, int least, int most) {
    if (number < least || number > most) {
      one.error(
          Codes.OUT_OF_RANGE,
          "hash",
          what + " " + number + " (expected: " + least + " to " + most + ")",
          HINT);
    }
  }
}
