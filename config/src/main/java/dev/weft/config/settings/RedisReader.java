package dev.weft.config.settings;

import dev.weft.config.model.settings.Redis;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Reads {@code redis} of a {@code ProxySettings}. */
final class RedisReader {

  private static final List<String> SCHEMES = List.of("redis", "rediss", "unix");
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofSeconds(1);
  private static final int MOST_PORT = 65_535;

  private RedisReader() {}

  static Redis read(Fields fields) {
    String url = fields.text("url", "");
    Optional<URI> uri = url.isEmpty() ? Optional.empty() : uri(fields, url);
    String passwordFile = fields.text("passwordFile", "");
    String authorities = fields.text("caCertificates", "");
    uri.ifPresent(known -> password(fields, known, passwordFile));
    if (url.isEmpty() && !(passwordFile.isEmpty() && authorities.isEmpty())) {
      fields
          .problems()
          .error(
              Codes.MISSING_FIELD,
              fields.place(),
              fields.path(),
              "url is missing (expected: redis://HOST:PORT, rediss:// or unix://)",
              "");
    }
    if (!authorities.isEmpty() && uri.filter(known -> !scheme(known, "rediss")).isPresent()) {
      fields.error(
          Codes.CONFLICT,
          "caCertificates",
          "caCertificates beside a url without TLS (expected: rediss://)",
          "");
    }
    Redis redis = new Redis(uri.isEmpty() ? "" : url, passwordFile, authorities, timeout(fields));
    fields.done();
    return redis;
  }

  private static boolean scheme(URI uri, String wanted) {
    return wanted.equals(uri.getScheme());
  }

  private static Optional<URI> uri(Fields fields, String url) {
    Optional<URI> uri = parsed(url).filter(RedisReader::meant);
    if (uri.isEmpty()) { // not shown: it may hold a password
      fields.error(
          Codes.UNKNOWN_VALUE,
          "url",
          "no url of a Redis (expected: redis://HOST:PORT, rediss:// or unix://)",
          "");
    }
    return uri;
  }

  private static Optional<URI> parsed(String url) {
    try {
      return Optional.of(URI.create(url));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean meant(URI uri) {
    String scheme = Objects.requireNonNullElse(uri.getScheme(), "");
    if (!SCHEMES.contains(scheme) || uri.getQuery() != null || uri.getFragment() != null) {
      return false;
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    return scheme(uri, "unix")
        ? uri.getAuthority() == null && path.length() > 1
        : uri.getHost() != null
            && uri.getPort() != 0
            && uri.getPort() <= MOST_PORT
            && path.matches("(/\\d{0,4})?");
  }

  private static void password(Fields fields, URI uri, String file) {
    String user = uri.getRawUserInfo();
    if (user == null || user.indexOf(':') < 0) {
      return;
    }
    if (!file.isEmpty()) {
      fields.error(
          Codes.CONFLICT,
          "passwordFile",
          "passwordFile beside a password in url (expected: one of them)",
          "");
    } else {
      fields.warning(
          Codes.TRAP,
          "url",
          "a password in url: whoever may read the configuration knows it",
          "write it into a file, and the file's path into passwordFile");
    }
  }

  private static Duration timeout(Fields fields) {
    Duration timeout = fields.duration("timeout", LEAST).orElse(Redis.TIMEOUT);
    if (timeout.compareTo(LONGEST) > 0) {
      String shown = "timeout " + fields.text("timeout", "") + " (expected: 1ms to 1s)";
      fields.error(Codes.OUT_OF_RANGE, "timeout", shown, "requests wait for it");
      return Redis.TIMEOUT;
    }
    return timeout;
  }
}
