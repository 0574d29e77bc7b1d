package dev.weft.routing.admin.scrape;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Text in gzip, for those who take it: a scrape says much the same in each of its lines. */
public final class Packed {

  private static final int BLOCK = 1 << 16;

  private Packed() {}

  /** Whether it is taken. */
  public static boolean wanted(RoutingContext context) {
    return context.parsedHeaders().acceptEncoding().stream()
        .anyMatch(one -> one.value().equalsIgnoreCase("gzip") && one.weight() > 0);
  }

  /** Packs it, as fast as it gets. Not for event loops. */
  public static Buffer of(String text) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream(BLOCK);
    try (GZIPOutputStream out = new Fast(packed)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // memory does not fail
    }
    return Buffer.buffer(packed.toByteArray());
  }

  private static final class Fast extends GZIPOutputStream {
    Fast(ByteArrayOutputStream packed) throws IOException {
      super(packed, BLOCK);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
