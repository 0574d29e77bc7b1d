package dev.weft.gateway;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames that somebody sends over HTTP/2, behind the preface, and what must come of them.
 *
 * @param name what is tried, for people; no two are the same
 * @param code of the error in HTTP/2; 0 for none
 * @param upstream what goes on over HTTP/1.1, without what is added to each request
 */
record StreamAttack(String name, Buffer frames, Outcome outcome, int code, String upstream) {

  static final int PROTOCOL = 1;
  static final int FLOW = 3;
  static final int CLOSED = 5;
  static final int SIZE = 6;
  static final int COMPRESSION = 9;

  static final int END_HEADERS = 4;
  static final int PADDED = 8;
  static final int PRIORITIZED = 32;

  /** What the client is told. RFC 9113 sections 5.4 and 8.1.1. */
  enum Outcome {
    /** 200. */
    SERVED,
    /** 400, or an error of the stream; others of the connection go on. */
    STREAM,
    /** GOAWAY. */
    CONNECTION
  }

  /** A head that is no request's: 400, or an error of its stream. */
  static StreamAttack malformed(String name, List<String> head) {
    return stream(name, PROTOCOL, head(1, true, head));
  }

  /** An error of one stream. */
  static StreamAttack stream(String name, int code, byte[]... frames) {
    return new StreamAttack(name, Buffer.buffer(joined(frames)), Outcome.STREAM, code, "");
  }

  /** An error of the connection. */
  static StreamAttack connection(String name, int code, byte[]... frames) {
    return new StreamAttack(name, Buffer.buffer(joined(frames)), Outcome.CONNECTION, code, "");
  }

  /** There is one way to read it, and it is written in that way. */
  static StreamAttack served(String name, String upstream, byte[]... frames) {
    return new StreamAttack(name, Buffer.buffer(joined(frames)), Outcome.SERVED, 0, upstream);
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** A frame of these bytes. */
  static byte[] frame(int type, int flags, int stream, int... payload) {
    byte[] bytes = new byte[payload.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) payload[i];
    }
    return RawHttp2.bytes(type, flags, stream, bytes);
  }

  static byte[] head(int stream, boolean last, List<String> headers) {
    byte[] block = RawHttp2.block(headers.toArray(String[]::new));
    return RawHttp2.bytes(
        RawHttp2.HEADERS, END_HEADERS | (last ? RawHttp2.LAST : 0), stream, block);
  }

  static byte[] data(int stream, boolean last, String text) {
    int[] bytes = text.chars().toArray();
    return frame(RawHttp2.DATA, last ? RawHttp2.LAST : 0, stream, bytes);
  }

  /** A request's head and some more. */
  static List<String> with(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(":method", "GET", ":path", "/p", ":scheme", "http", ":authority", "shop.test"));
    all.addAll(List.of(more));
    return all;
  }

  /** A request's head with another value in one place. */
  static List<String> instead(String name, String value) {
    List<String> all = with();
    all.set(all.indexOf(name) + 1, value);
    return all;
  }

  /** A request's head that lacks something. */
  static List<String> without(String name, String... more) {
    List<String> all = with(more);
    int at = all.indexOf(name);
    all.remove(at);
    all.remove(at);
    return all;
  }

  static List<String> posted(String... more) {
    List<String> all = instead(":method", "POST");
    all.addAll(List.of(more));
    return all;
  }
}
