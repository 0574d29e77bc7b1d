import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Writes folders as the layers of a container image, into one tar file of the OCI image layout,
 * which {@code docker load}, {@code podman load}, {@code skopeo} and {@code crane} take. Equal
 * folders give an equal file: names are sorted, owners are root, and times are the given one.
 *
 * <p>Run by the launcher from its source. {@code OciImage.java OUT TIME TAG USER ENTRYPOINT
 * ENVIRONMENT LAYER...}, of which the environment is NAME=VALUE with spaces between. Prints the
 * image's digest and the bytes of its layers.
 */
final class OciImage {

  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final int PREFIX = 155;
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

  private final long time;
  private final Map<String, byte[]> blobs = new TreeMap<>(); // by their names in the layout
  private final Path work;
  private final Map<String, Path> layers = new TreeMap<>(); // likewise, those that are in files

  private OciImage(long time, Path work) {
    this.time = time;
    this.work = work;
  }

  /** A blob, as a manifest names it. */
  private record Blob(String type, String digest, long size) {
    String json() {
      return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d}"
          .formatted(type, digest, size);
    }
  }

  public static void main(String[] line) throws IOException {
    Path out = Path.of(line[0]).toAbsolutePath();
    OciImage image = new OciImage(Instant.parse(line[1]).getEpochSecond(), out.getParent());
    try {
      List<Path> folders = Stream.of(line).skip(6).map(Path::of).toList();
      image.write(out, line[2], runtime(line[3], line[4], line[5]), folders);
    } finally {
      for (Path layer : image.layers.values()) {
        Files.deleteIfExists(layer);
      }
    }
  }

  private static String runtime(String user, String entrypoint, String environment) {
    String variables =
        Stream.of(environment.split(" ", -1)).map(OciImage::text).collect(Collectors.joining(","));
    return "\"User\":%s,\"Entrypoint\":[%s],\"Env\":[%s],\"WorkingDir\":\"/\""
        .formatted(text(user), text(entrypoint), variables);
  }

  private void write(Path out, String tag, String runtime, List<Path> folders) throws IOException {
    List<Blob> compressed = new ArrayList<>();
    List<String> plain = new ArrayList<>();
    for (Path folder : folders) {
      compressed.add(layer(folder, plain));
    }
    String created = Instant.ofEpochSecond(time).toString();
    Blob config =
        blob(
            CONFIG,
            "{\"created\":\"%s\",\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{%s},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
                .formatted(
                    created,
                    runtime,
                    plain.stream().map(id -> text("sha256:" + id)).collect(Collectors.joining(","))));
    Blob manifest =
        blob(
            MANIFEST,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                .formatted(
                    MANIFEST,
                    config.json(),
                    compressed.stream().map(Blob::json).collect(Collectors.joining(","))));
    String named = manifest.json();
    blobs.put(
        "index.json",
        bytes(
            "{\"schemaVersion\":2,\"manifests\":[%s,\"annotations\":{\"org.opencontainers.image.ref.name\":%s}}]}"
                .formatted(named.substring(0, named.length() - 1), text(tag))));
    blobs.put("oci-layout", bytes("{\"imageLayoutVersion\":\"1.0.0\"}"));
    try (OutputStream file = Files.newOutputStream(out)) {
      layout(file);
    }
    long size = compressed.stream().mapToLong(Blob::size).sum();
    System.out.println("sha256:" + manifest.digest() + " " + size);
  }

  private void layout(OutputStream out) throws IOException {
    for (Map.Entry<String, byte[]> blob : blobs.entrySet()) {
      out.write(header(blob.getKey(), 0644, blob.getValue().length, '0', ""));
      out.write(blob.getValue());
      pad(out, blob.getValue().length);
    }
    for (Map.Entry<String, Path> layer : layers.entrySet()) {
      long size = Files.size(layer.getValue());
      out.write(header(layer.getKey(), 0644, size, '0', ""));
      Files.copy(layer.getValue(), out);
      pad(out, size);
    }
    out.write(new byte[2 * BLOCK]);
  }

  private Blob blob(String type, String json) {
    byte[] content = bytes(json);
    String digest = HexFormat.of().formatHex(sha256().digest(content));
    blobs.put("blobs/sha256/" + digest, content);
    return new Blob(type, digest, content.length);
  }

  private Blob layer(Path folder, List<String> plain) throws IOException {
    Path file = Files.createTempFile(work, "layer", ".tar.gz");
    MessageDigest packed = sha256();
    MessageDigest unpacked = sha256();
    try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), packed);
        OutputStream tar = new DigestOutputStream(new GZIPOutputStream(out, 1 << 16), unpacked)) {
      for (Path entry : entries(folder)) {
        add(tar, folder, entry);
      }
      tar.write(new byte[2 * BLOCK]);
    }
    plain.add(HexFormat.of().formatHex(unpacked.digest()));
    String digest = HexFormat.of().formatHex(packed.digest());
    layers.put("blobs/sha256/" + digest, file);
    return new Blob(LAYER, digest, Files.size(file));
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(one -> !one.equals(folder)).sorted().toList();
    }
  }

  private void add(OutputStream tar, Path folder, Path entry) throws IOException {
    String name = folder.relativize(entry).toString();
    if (Files.isSymbolicLink(entry)) {
      tar.write(header(name, 0777, 0, '2', Files.readSymbolicLink(entry).toString()));
    } else if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
      tar.write(header(name + "/", "tmp".equals(name) ? 01777 : 0755, 0, '5', ""));
    } else {
      long size = Files.size(entry);
      boolean runs = Files.getPosixFilePermissions(entry).contains(PosixFilePermission.OWNER_EXECUTE);
      tar.write(header(name, runs ? 0755 : 0644, size, '0', ""));
      Files.copy(entry, tar);
      pad(tar, size);
    }
  }

  /** POSIX.1-1988 ustar, which every reader of tar files knows. */
  private byte[] header(String path, int mode, long size, char type, String link) {
    String name = path;
    String prefix = "";
    if (bytes(path).length > NAME) {
      int cut = path.indexOf('/', path.length() - NAME - 1);
      prefix = cut < 0 ? "" : path.substring(0, cut);
      name = path.substring(cut + 1);
    }
    byte[] header = new byte[BLOCK];
    put(header, 0, name, NAME);
    put(header, 100, "%07o".formatted(mode), 8);
    put(header, 108, "%07o".formatted(0), 8);
    put(header, 116, "%07o".formatted(0), 8);
    put(header, 124, "%011o".formatted(size), 12);
    put(header, 136, "%011o".formatted(time), 12);
    put(header, 148, "        ", 8);
    header[156] = (byte) type;
    put(header, 157, link, NAME);
    put(header, 257, "ustar\0" + "00", 8);
    put(header, 345, prefix, PREFIX);
    int sum = 0;
    for (byte one : header) {
      sum += one & 0xff;
    }
    put(header, 148, "%06o\0 ".formatted(sum), 8);
    return header;
  }

  private static void put(byte[] header, int at, String text, int most) {
    byte[] content = bytes(text);
    if (content.length > most) {
      throw new IllegalArgumentException(text + ": longer than a tar file's header takes");
    }
    System.arraycopy(content, 0, header, at, content.length);
  }

  private static void pad(OutputStream out, long size) throws IOException {
    out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
  }

  private static String text(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
