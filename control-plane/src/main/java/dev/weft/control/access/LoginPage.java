package dev.weft.control.access;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Where somebody types the token. It runs nothing and asks nobody but this port. */
final class LoginPage {

  private static final String STYLE =
      "body{font:1rem system-ui,sans-serif;max-width:24rem;margin:15vh auto;padding:0 1rem}"
          + "label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}"
          + "input,button{padding:.5rem;margin:.5rem 0 1rem}";
  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>Weft: log in</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <style>%s</style>
      </head>
      <body>
        <main>
          <h1>Weft</h1>
          <p role="alert">%s</p>
          <form method="post" action="/login">
            <label for="token">Token</label>
            <input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
            <button>Log in</button>
          </form>
        </main>
      </body>
      </html>
      """;

  private final String policy;

  LoginPage() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(STYLE.getBytes(StandardCharsets.UTF_8));
      this.policy =
          "default-src 'none'; style-src 'sha256-"
              + Base64.getEncoder().encodeToString(hash)
              + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /**
   * @param words ours, never a caller's
   */
  void show(RoutingContext context, int status, String words) {
    context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("content-security-policy", policy)
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("referrer-policy", "same-origin") // so that the form's origin is told
        .end(PAGE.formatted(STYLE, words));
  }
}
