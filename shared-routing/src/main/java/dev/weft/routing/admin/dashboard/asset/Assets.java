package dev.weft.routing.admin.dashboard.asset;

import dev.weft.routing.admin.dashboard.asset.AssetFiles.Asset;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Serves the files of the pages. The page itself is asked for each time, and sent when it is
 * another; all else lies below the hash of all files together, so that a browser keeps it for good,
 * and one of another version is never mixed with it. They are sent compressed to whoever takes it.
 *
 * <p>Vert.x' StaticHandler is not used: it copies what lies in a jar to a folder, and images have
 * none that can be written.
 */
public final class Assets {

  private static final String PAGE = "index.html";
  private static final String EACH_TIME = "no-cache";
  private static final String FOR_GOOD = "private, max-age=31536000, immutable";

  private final Vertx vertx;
  private final String root;
  private final Runnable opened;
  private volatile @Nullable AssetFiles read; // by then

  private Assets(Vertx vertx, String root, Runnable opened) {
    this.vertx = vertx;
    this.root = root;
    this.opened = opened;
  }

  /**
   * Adds the files to a router, below {@code root}.
   *
   * @param root a path, or one with parameters, without the last slash
   * @param opened told when somebody asks for the page, who will soon ask what it shows
   */
  public static void on(Vertx vertx, Router router, String root, Runnable opened) {
    Assets assets = new Assets(vertx, root, opened);
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
    String name = rest.isEmpty() ? PAGE : rest;
    AssetFiles known = read;
    Future<AssetFiles> all =
        known == null
            ? vertx.executeBlocking(AssetFiles::all, false)
            : Future.succeededFuture(known);
    all.onSuccess(
            files -> {
              read = files;
              send(context, files, name);
              if (name.equals(PAGE)) {
                opened.run();
              }
            })
        .onFailure(context::fail);
  }

  private static void send(RoutingContext context, AssetFiles files, String asked) {
    String folder = files.version() + "/";
    boolean versioned = asked.startsWith(folder);
    Optional<Asset> found = files.find(versioned ? asked.substring(folder.length()) : asked);
    if (found.isEmpty()) {
      context.fail(404);
      return;
    }
    Asset asset = found.get();
    String tag = '"' + asset.hash() + '"';
    HttpServerResponse response = context.response();
    response
        .putHeader(HttpHeaders.CACHE_CONTROL, versioned ? FOR_GOOD : EACH_TIME)
        .putHeader(HttpHeaders.ETAG, tag)
        .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
        .putHeader("content-security-policy", files.policy())
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("referrer-policy", "no-referrer")
        .putHeader("cross-origin-opener-policy", "same-origin")
        .putHeader("cross-origin-resource-policy", "same-origin");
    if (tag.equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
      return;
    }
    response.putHeader(HttpHeaders.CONTENT_TYPE, asset.type());
    if (takesGzip(context)) {
      response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip").end(asset.zipped());
    } else {
      response.end(asset.bytes());
    }
  }

  private static boolean takesGzip(RoutingContext context) {
    return context.parsedHeaders().acceptEncoding().stream()
        .anyMatch(one -> one.value().equals("gzip") && one.weight() > 0);
  }
}
