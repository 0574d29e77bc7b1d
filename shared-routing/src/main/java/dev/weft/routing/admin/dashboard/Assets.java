package dev.weft.routing.admin.dashboard;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The files of the pages, as they lie in the jar. They are read when somebody asks, and not kept:
 * most proxies are never looked at.
 *
 * <p>Vert.x' StaticHandler is not used: it copies what lies in a jar to a folder, and images have
 * none that can be written.
 */
final class Assets {

  /** Where the files lie. */
  static final String FOLDER = "/dev/weft/dashboard/";

  // parts that begin with a letter or digit, and a file at the end: no way leads out of the folder
  private static final Pattern NAME =
      Pattern.compile(
          "(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,60}/){0,4}"
              + "(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,60}\\.(?:html|js|mjs|css|svg|txt)|LICENSE|SHA256SUMS)");
  private static final String MAP_BEGINS = "<script type=\"importmap\">";
  private static final String MAP_ENDS = "</script>";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "mjs", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");
  private static final String TEXT = "text/plain; charset=utf-8";

  private final Vertx vertx;
  private final String root;
  private final String policy = policy();

  private Assets(Vertx vertx, String root) {
    this.vertx = vertx;
    this.root = root;
  }

  /**
   * Adds the files to a router, below {@code root}.
   *
   * @param root a path, or one with parameters, without the last slash
   */
  static void on(Vertx vertx, Router router, String root) {
    Assets assets = new Assets(vertx, root);
    router.get(root).handler(assets::redirected);
    router.get(root + "/*").handler(assets::asset);
  }

  private void redirected(RoutingContext context) {
    if (context.request().path().endsWith("/")) {
      context.next();
    } else {
      String last = root.substring(root.lastIndexOf('/') + 1) + "/"; // beside this page
      context.response().setStatusCode(308).putHeader(HttpHeaders.LOCATION, last).end();
    }
  }

  private void asset(RoutingContext context) {
    String asked = context.normalizedPath();
    String below = "/" + root.substring(root.lastIndexOf('/') + 1) + "/";
    String rest = asked.substring(asked.indexOf(below) + below.length());
    String name = rest.isEmpty() ? "index.html" : rest;
    vertx
        .executeBlocking(() -> read(name), false)
        .onSuccess(
            found -> found.ifPresentOrElse(asset -> send(context, asset), () -> context.fail(404)))
        .onFailure(context::fail);
  }

  private void send(RoutingContext context, Asset asset) {
    HttpServerResponse response = context.response();
    String tag = '"' + asset.hash() + '"';
    response
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache") // asked for each time, sent when changed
        .putHeader(HttpHeaders.ETAG, tag)
        .putHeader("content-security-policy", policy)
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("referrer-policy", "no-referrer")
        .putHeader("cross-origin-opener-policy", "same-origin")
        .putHeader("cross-origin-resource-policy", "same-origin");
    if (tag.equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
    } else {
      response.putHeader(HttpHeaders.CONTENT_TYPE, asset.type()).end(asset.bytes());
    }
  }

  /**
   * A file.
   *
   * @param hash SHA-256 of its bytes, in hexadecimal
   */
  record Asset(Buffer bytes, String type, String hash) {}

  /** A file; empty where there is none of that name. Blocks. */
  static Optional<Asset> read(String name) {
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    return bytes(name).map(bytes -> new Asset(Buffer.buffer(bytes), type(name), hash(bytes)));
  }

  /**
   * What a browser may do with the pages: nothing but run and show these files and ask this port.
   * The one script that stands within a page, the names of modules, is allowed by its hash.
   */
  static String policy() {
    String page = new String(bytes("index.html").orElseThrow(), StandardCharsets.UTF_8);
    int begin = page.indexOf(MAP_BEGINS) + MAP_BEGINS.length();
    String map = page.substring(begin, page.indexOf(MAP_ENDS, begin));
    String hash = Base64.getEncoder().encodeToString(sha256(map.getBytes(StandardCharsets.UTF_8)));
    return "default-src 'none'; script-src 'self' 'sha256-"
        + hash
        + "'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
        + " form-action 'none'; frame-ancestors 'none'";
  }

  /** In hexadecimal. */
  static String hash(byte[] bytes) {
    return HexFormat.of().formatHex(sha256(bytes));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  private static String type(String name) {
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return TYPES.getOrDefault(ending, TEXT);
  }

  private static Optional<byte[]> bytes(String name) {
    try (InputStream file = Assets.class.getResourceAsStream(FOLDER + name)) {
      return file == null ? Optional.empty() : Optional.of(file.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
