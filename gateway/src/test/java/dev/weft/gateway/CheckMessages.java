package dev.weft.gateway;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Messages of {@code envoy.service.auth.v3.Authorization} as an authorizer has them. */
final class CheckMessages {

  /** Paths of fields of a CheckRequest that are messages; the others are numbers and texts. */
  private static final Set<String> MESSAGES =
      Set.of(
          "1", "1.1", "1.1.1", "1.1.1.1", "1.2", "1.2.1", "1.2.1.1", "1.4", "1.4.1", "1.4.2",
          "1.4.2.3");

  private CheckMessages() {}

  /** All fields of a framed CheckRequest by the path of their numbers. */
  static Map<String, List<String>> read(Buffer frame) {
    if (frame.getByte(0) != 0 || frame.getInt(1) != frame.length() - 5) {
      throw new IllegalArgumentException("a frame of " + frame.length() + " bytes");
    }
    Map<String, List<String>> all = new TreeMap<>();
    walk(frame.slice(5, frame.length()), "", all);
    return all;
  }

  /** The header of that name of a request that was read; empty for none. */
  static String header(Map<String, List<String>> request, String name) {
    List<String> names = request.getOrDefault("1.4.2.3.1", List.of());
    int index = names.indexOf(name);
    return index < 0 ? "" : request.get("1.4.2.3.2").get(index);
  }

  private static void walk(Buffer message, String prefix, Map<String, List<String>> all) {
    int[] at = {0};
    while (at[0] < message.length()) {
      long tag = varint(message, at);
      String path = prefix + (tag >> 3);
      if ((tag & 7) == 0) {
        all.computeIfAbsent(path, any -> new ArrayList<>()).add(Long.toString(varint(message, at)));
        continue;
      }
      int length = (int) varint(message, at);
      Buffer value = message.getBuffer(at[0], at[0] + length);
      at[0] += length;
      if (MESSAGES.contains(path)) {
        walk(value, path + ".", all);
      } else {
        all.computeIfAbsent(path, any -> new ArrayList<>()).add(value.toString());
      }
    }
  }

  private static long varint(Buffer message, int[] at) {
    long value = 0;
    int shift = 0;
    byte next;
    do {
      next = message.getByte(at[0]);
      at[0]++;
      value |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    return value;
  }

  static Buffer framed(Buffer message) {
    return Buffer.buffer().appendByte((byte) 0).appendInt(message.length()).appendBuffer(message);
  }

  /** {@code google.rpc.Status} in a CheckResponse. */
  static Buffer status(int code) {
    return field(1, code == 0 ? Buffer.buffer() : number(1, code));
  }

  /** A CheckResponse that denies. */
  static Buffer denied(int status, String body, Buffer... headers) {
    Buffer denied = field(1, number(1, status));
    for (Buffer header : headers) {
      denied.appendBuffer(field(2, header));
    }
    return status(7).appendBuffer(field(2, denied.appendBuffer(text(3, body))));
  }

  /** A CheckResponse that allows, with what its {@code ok_response} has. */
  static Buffer allowed(Buffer... fields) {
    Buffer fine = Buffer.buffer();
    for (Buffer one : fields) {
      fine.appendBuffer(one);
    }
    return status(0).appendBuffer(field(3, fine));
  }

  /** {@code HeaderValueOption}. */
  static Buffer header(String name, String value, Buffer... options) {
    Buffer header = field(1, text(1, name).appendBuffer(text(2, value)));
    for (Buffer option : options) {
      header.appendBuffer(option);
    }
    return header;
  }

  static Buffer text(int field, String value) {
    return field(field, Buffer.buffer(value));
  }

  static Buffer field(int field, Buffer value) {
    Buffer all = Buffer.buffer().appendByte((byte) ((field << 3) | 2));
    return append(all, value.length()).appendBuffer(value);
  }

  static Buffer number(int field, int value) {
    return append(Buffer.buffer().appendByte((byte) (field << 3)), value);
  }

  private static Buffer append(Buffer to, int value) {
    int rest = value;
    while (rest > 0x7f) {
      to.appendByte((byte) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    return to.appendByte((byte) rest);
  }
}
