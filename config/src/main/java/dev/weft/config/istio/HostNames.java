package dev.weft.config.istio;

import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a host in a resource means: a full name stays, a short one is a service of the resource's
 * namespace, unless a ServiceEntry has just that name.
 */
public final class HostNames {

  // our own expressions, which the JDK's matcher takes in a time of their length; RE2's tables are
  // half a megabyte, needed where a user writes one
  private static final Pattern NAME =
      Pattern.compile(
          "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
  private static final Pattern ADDRESS =
      Pattern.compile(
          "\\d{1,3}(\\.\\d{1,3}){3}(/\\d{1,2})?|(?=[0-9a-f.]*+:)[0-9a-f:.]++(/\\d{1,3})?");
  private static final Pattern V4 =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(?!$)|$)){4}");
  private static final int LONGEST = 253;

  private final Set<String> entries;

  /**
   * @param entries hosts of all ServiceEntries, in lower case
   */
  public HostNames(Set<String> entries) {
    this.entries = Set.copyOf(entries);
  }

  /** The full name that {@code host} means in a resource of {@code namespace}. */
  public String resolve(String host, String namespace) {
    String name = Fields.lower(host);
    boolean full = name.isEmpty() || name.indexOf('.') >= 0 || name.equals("*");
    return full || entries.contains(name) || address(name)
        ? name
        : name + "." + namespace + ".svc.cluster.local";
  }

  /** Whether {@code name} is an address, or a range of them. */
  public static boolean address(String name) {
    return ADDRESS.matcher(name).matches();
  }

  /**
   * Whether it is an address as it can be on a wire, or a network of such: {@code ADDRESS/BITS}.
   */
  public static boolean network(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    boolean six = address.indexOf(':') >= 0;
    if (!ADDRESS.matcher(text).matches() || (!six && !V4.matcher(address).matches())) {
      return false;
    }
    boolean fits = slash < 0 || Integer.parseInt(text.substring(slash + 1)) <= (six ? 128 : 32);
    try {
      return fits && (!six || InetAddress.getByName(address) != null); // with colons: no look-up
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Whether {@code narrow} is within {@code wide}: {@code *}, {@code *.suffix}, or the same. */
  public static boolean covers(String wide, String narrow) {
    return wide.equals("*")
        || wide.equals(narrow)
        || (wide.startsWith("*.") && narrow.endsWith(wide.substring(1)));
  }

  /**
   * Notes what is no host: a name, {@code *.suffix}, {@code *} or an address.
   *
   * @param field where the host stands, for the message
   */
  public static void check(Fields fields, String field, String host) {
    String name = Fields.lower(host);
    String suffix = name.startsWith("*.") ? name.substring(2) : name;
    boolean good =
        name.equals("*")
            || (suffix.length() <= LONGEST && NAME.matcher(suffix).matches())
            || address(name);
    if (!good) {
      fields.error(
          Codes.HOST,
          field,
          "host '" + host + "' (expected: a DNS name, *.SUFFIX, * or an IP address)",
          host.contains("://") ? "leave the scheme out" : "");
    }
  }
}
