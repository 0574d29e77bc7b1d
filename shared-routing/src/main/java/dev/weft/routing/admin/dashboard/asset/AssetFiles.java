package dev.weft.routing.admin.dashboard.asset;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * All files of the pages, as they lie in the jar: those that {@code index.html} names. They are
 * read when somebody asks for the first time, since most proxies are never looked at, and kept from
 * then on, about 350 KiB. In {@code index.html} the version stands in place of {@code @}.
 *
 * <p>Immutable; any thread.
 */
public final class AssetFiles {

  /** Where the files lie. */
  public static final String FOLDER = "/dev/weft/dashboard/";

  private static final String PAGE = "index.html";
  private static final Pattern NAMED = Pattern.compile("\"(?:\\./)?@/([A-Za-z0-9_./-]{1,200})\"");
  private static final String MAP_BEGINS = "<script type=\"importmap\">";
  private static final String MAP_ENDS = "</script>";
  private static final int VERSION_DIGITS = 16;
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "mjs", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");
  private static final String TEXT = "text/plain; charset=utf-8";

  private final Map<String, Asset> files = new HashMap<>();
  private final String version;
  private final String policy;

  /**
   * A file.
   *
   * @param zipped the same, compressed by gzip
   * @param hash SHA-256 of its bytes, in hexadecimal
   */
  record Asset(Buffer bytes, Buffer zipped, String type, String hash) {}

  private static final class Once {
    private static final AssetFiles ALL = new AssetFiles();
  }

  private AssetFiles() {
    String page = new String(bytes(PAGE), StandardCharsets.UTF_8);
    Matcher named = NAMED.matcher(page);
    TreeSet<String> names = new TreeSet<>();
    while (named.find()) {
      names.add(named.group(1));
    }
    StringBuilder hashes = new StringBuilder(page);
    for (String name : names) {
      Asset asset = asset(name, bytes(name));
      files.put(name, asset);
      hashes.append(name).append(asset.hash);
    }
    this.version =
        hash(hashes.toString().getBytes(StandardCharsets.UTF_8)).substring(0, VERSION_DIGITS);
    String told =
        page.replace("\"@/", '"' + version + "/").replace("\"./@/", "\"./" + version + "/");
    files.put(PAGE, asset(PAGE, told.getBytes(StandardCharsets.UTF_8)));
    this.policy = policy(told);
  }

  /** All files. Blocks for the first one who asks. */
  static AssetFiles all() {
    return Once.ALL;
  }

  /** Names them all together: another one where any of them is another. */
  String version() {
    return version;
  }

  /** A file; empty where there is none of that name. */
  Optional<Asset> find(String name) {
    return Optional.ofNullable(files.get(name));
  }

  /**
   * What a browser may do with the pages: nothing but run and show these files and ask this port.
   * The one script that stands within a page, the names of modules, is allowed by its hash.
   */
  String policy() {
    return policy;
  }

  private static String policy(String page) {
    int begin = page.indexOf(MAP_BEGINS) + MAP_BEGINS.length();
    String map = page.substring(begin, page.indexOf(MAP_ENDS, begin));
    String hash = Base64.getEncoder().encodeToString(sha256(map.getBytes(StandardCharsets.UTF_8)));
    return "default-src 'none'; script-src 'self' 'sha256-"
        + hash
        + "'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
        + " form-action 'none'; frame-ancestors 'none'";
  }

  private static Asset asset(String name, byte[] bytes) {
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return new Asset(
        Buffer.buffer(bytes),
        Buffer.buffer(zipped(bytes)),
        TYPES.getOrDefault(ending, TEXT),
        hash(bytes));
  }

  private static byte[] zipped(byte[] bytes) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
      zip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return zipped.toByteArray();
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

  private static byte[] bytes(String name) {
    try (InputStream file = AssetFiles.class.getResourceAsStream(FOLDER + name)) {
      if (file == null) {
        throw new IllegalStateException(name + ": the page names it, and it is not in the jar");
      }
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
