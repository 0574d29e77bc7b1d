package dev.weft.sidecar;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A request or an answer of HTTP/1.1, as it was read.
 *
 * @param fields by their names in lower case, the values of each in their order
 * @param body without its chunks
 * @param trailers as fields
 */
record HttpMessage(
    String line,
    Map<String, List<String>> fields,
    String body,
    Map<String, List<String>> trailers) {

  /** Of a connection, not of a message (RFC 9110 section 7.6.1), or of how its body is cut. */
  private static final Set<String> OF_A_CONNECTION =
      Set.of(
          "connection",
          "proxy-connection",
          "keep-alive",
          "te",
          "upgrade",
          "trailer",
          "transfer-encoding",
          "expect",
          "http2-settings");

  /** What sidecars say to a service beside what its caller says. */
  private static final Set<String> SAID_BESIDE =
      Set.of("x-request-id", "x-forwarded-client-cert", "x-forwarded-proto");

  private static final String END = "\r\n\r\n";
  private static final String LENGTH = "content-length";

  static HttpMessage of(String text) {
    int end = text.indexOf(END);
    int line = text.indexOf("\r\n");
    Map<String, List<String>> fields = fields(text.substring(line, end));
    String rest = text.substring(end + END.length());
    boolean chunked = fields.containsKey("transfer-encoding");
    return chunked
        ? chunked(text.substring(0, line), fields, rest)
        : new HttpMessage(text.substring(0, line), fields, rest, new TreeMap<>());
  }

  private static HttpMessage chunked(String line, Map<String, List<String>> fields, String rest) {
    StringBuilder body = new StringBuilder();
    int at = 0;
    while (true) {
      int end = rest.indexOf("\r\n", at);
      int size = Integer.parseInt(rest.substring(at, end).split(";", -1)[0], 16);
      at = end + 2;
      if (size == 0) {
        return new HttpMessage(line, fields, body.toString(), fields(rest.substring(at)));
      }
      body.append(rest, at, at + size);
      at += size + 2;
    }
  }

  private static Map<String, List<String>> fields(String lines) {
    Map<String, List<String>> fields = new TreeMap<>();
    for (String one : lines.split("\r\n", -1)) {
      int colon = one.indexOf(':');
      if (colon > 0) {
        fields
            .computeIfAbsent(
                one.substring(0, colon).toLowerCase(Locale.ROOT), n -> new ArrayList<>())
            .add(one.substring(colon + 1).strip());
      }
    }
    return fields;
  }

  /** What a proxy sends on of it: all but what concerns the connection. */
  HttpMessage onward() {
    Set<String> here = new HashSet<>(OF_A_CONNECTION);
    for (String names : fields.getOrDefault("connection", List.of())) {
      for (String name : names.split(",", -1)) {
        here.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    Map<String, List<String>> onward = new TreeMap<>(fields);
    onward.keySet().removeAll(here);
    if (fields.getOrDefault("te", List.of()).toString().contains("trailers")) {
      onward.put("te", List.of("trailers"));
    }
    boolean request = !line.startsWith("HTTP/");
    return new HttpMessage(
        line.replace("HTTP/1.0", "HTTP/1.1"), onward, body, request ? new TreeMap<>() : trailers);
  }

  /**
   * It without what proxies say that {@code asked} did not: how the connection is used, who the
   * caller is, that there is no body.
   */
  HttpMessage beside(HttpMessage asked) {
    Map<String, List<String>> left = new TreeMap<>(fields);
    left.keySet()
        .removeIf(
            name ->
                !asked.fields.containsKey(name)
                    && (SAID_BESIDE.contains(name)
                        || OF_A_CONNECTION.contains(name)
                        || (name.equals(LENGTH) && body.isEmpty())));
    left.remove("transfer-encoding");
    return new HttpMessage(line, left, body, trailers);
  }
}
