package dev.weft.control.stream;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.codec.Resource;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;

/**
 * A resource as every proxy that may see it is told of it, through all versions that have it alike.
 * Its text is written once, when the first is to be told of it. Any thread may ask for it, and
 * those that ask at once may each write it.
 */
final class Part {

  private final Resource resource;
  private volatile Buffer text = Buffer.buffer(); // until it is written

  Part(Resource resource) {
    this.resource = resource;
  }

  Resource resource() {
    return resource;
  }

  /** {@code "name":"text"}, as it stands in a line; never to be changed. */
  Buffer text() {
    Buffer known = text;
    if (known.length() == 0) {
      String name = Json.encode(resource.name());
      known = Buffer.buffer(name + ":" + Json.encode(ConfigCodec.write(resource)));
      text = known;
    }
    return known;
  }
}
