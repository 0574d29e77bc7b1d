package dev.weft.control.access;

import dev.weft.routing.process.HostPort;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How the dashboard is opened on a port of its own.
 *
 * @param tls folder with {@code tls.crt} and {@code tls.key}; empty for cleartext
 * @param tokens each of which lets somebody in
 * @param clients certificates in PEM, under one of which a client's lets it in
 * @param editors names of tokens and subjects of certificates that may change anything; empty for
 *     all who are let in
 */
public record AccessSettings(
    HostPort listen,
    Optional<Path> tls,
    List<Named> tokens,
    Optional<Path> clients,
    Set<String> editors) {

  private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9_.@-]{1,64})=(.+)");
  private static final Set<String> LOOPBACKS = Set.of("127.0.0.1", "::1", "localhost");

  /** A token's file, and whose token it is. */
  public record Named(String name, Path file) {

    /**
     * From {@code NAME=FILE}, or a file after which the token is called.
     *
     * @throws IllegalArgumentException with a sentence where it is neither
     */
    public static Named parse(String text) {
      Matcher named = NAMED.matcher(text);
      if (named.matches()) {
        return new Named(named.group(1), Path.of(named.group(2)));
      }
      Path name = Path.of(text).getFileName();
      if (name == null) {
        throw new IllegalArgumentException(
            "--dashboard-token-file " + text + " (expected: FILE or NAME=FILE)");
      }
      return new Named(name.toString(), Path.of(text));
    }
  }

  /**
   * @throws IllegalArgumentException with a sentence, where others would be let in whom nobody
   *     asked, or would send secrets in cleartext
   */
  public AccessSettings {
    tokens = List.copyOf(tokens);
    editors = Set.copyOf(editors);
    boolean elsewhere = !LOOPBACKS.contains(listen.host());
    if (elsewhere && tls.isEmpty()) {
      throw new IllegalArgumentException(
          "--dashboard " + listen + " (expected: with --dashboard-tls, or a loopback address)");
    }
    if (elsewhere && tokens.isEmpty() && clients.isEmpty()) {
      throw new IllegalArgumentException(
          "--dashboard "
              + listen
              + " (expected: with --dashboard-token-file or --dashboard-clients, or a loopback"
              + " address)");
    }
    if (clients.isPresent() && tls.isEmpty()) {
      throw new IllegalArgumentException("--dashboard-clients (expected: with --dashboard-tls)");
    }
    named(tokens, clients.isPresent(), editors);
  }

  private static void named(List<Named> tokens, boolean certificates, Set<String> editors) {
    Set<String> names = tokens.stream().map(Named::name).collect(Collectors.toSet());
    if (names.size() < tokens.size()) {
      throw new IllegalArgumentException(
          "--dashboard-token-file (expected: a name of its own for each, as in NAME=FILE)");
    }
    for (String editor : editors) {
      if (!names.contains(editor) && !certificates) {
        throw new IllegalArgumentException(
            "--dashboard-editor "
                + editor
                + " (expected: "
                + (names.isEmpty() ? "with --dashboard-token-file" : "one of " + sorted(names))
                + ", or the subject of a certificate with --dashboard-clients)");
      }
    }
  }

  private static String sorted(Set<String> names) {
    return names.stream().sorted().collect(Collectors.joining(", "));
  }

  /** Whether everybody who reaches the port is let in. */
  boolean open() {
    return tokens.isEmpty() && clients.isEmpty();
  }
}
