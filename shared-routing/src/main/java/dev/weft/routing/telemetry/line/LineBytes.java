package dev.weft.routing.telemetry.line;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Lines of a log as bytes, one after the other: objects of JSON, or text. Only ASCII comes out, so
 * that nothing a client sent can end a line or steer a terminal. A line makes no objects: what was
 * written before makes room for what comes.
 *
 * <p>One thread at a time.
 *
 * <p>Source: RFC 8259, section 7.
 */
public final class LineBytes {

  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int WIDEST = 6; // bytes for a character: a backslash, u and four digits
  private static final int MOST_KEPT = 512 * 1024; // of a buffer that a long line needed
  private static final int SECOND = 1000; // milliseconds
  private static final int NANOS_PER_MICRO = 1000;
  private static final boolean[] PLAIN = new boolean[128]; // stand for themselves

  static {
    Arrays.fill(PLAIN, ' ', 0x7f, true);
    PLAIN['"'] = false;
    PLAIN['\\'] = false;
  }

  private final int capacity;
  private byte[] bytes;
  private int at;
  private long second = Long.MIN_VALUE; // since 1970, of the clock
  private byte[] clock = new byte[0]; // that second, up to its milliseconds
  private Object named = "";
  private String name = ""; // of what is named

  /**
   * @param capacity in bytes, to begin with
   */
  public LineBytes(int capacity) {
    this.capacity = capacity;
    this.bytes = new byte[capacity];
  }

  /** Bytes of all lines. */
  public int size() {
    return at;
  }

  /** Forgets what came after the first bytes. */
  public void cut(int size) {
    at = size;
    if (size == 0 && bytes.length > Math.max(capacity, MOST_KEPT)) {
      bytes = new byte[capacity];
    }
  }

  /** Writes all lines in one go. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, at);
  }

  /** All lines. */
  public String text() {
    return new String(bytes, 0, at, StandardCharsets.US_ASCII);
  }

  /** Ends a line. */
  public void end() {
    room(1);
    bytes[at++] = '\n';
  }

  /** A text as it is, which has no characters but those of ASCII. */
  public void ascii(String text) {
    byte[] all = text.getBytes(StandardCharsets.US_ASCII);
    room(all.length);
    System.arraycopy(all, 0, bytes, at, all.length);
    at += all.length;
  }

  /** Begins an object. */
  public void open() {
    room(1);
    bytes[at++] = '{';
  }

  /** Ends an object. */
  public void close() {
    room(1);
    if (bytes[at - 1] == ',') {
      at--;
    }
    bytes[at++] = '}';
  }

  /** A text of others. */
  public void field(LineField field, String value) {
    begin(field);
    quoted(value);
    comma();
  }

  /** What lines tell by its {@code toString}, mostly the same as the one before. */
  public void named(LineField field, Object value) {
    if (value != named) {
      named = value;
      name = value.toString();
    }
    field(field, name);
  }

  /** A whole number. */
  public void field(LineField field, long value) {
    begin(field);
    if (value < 0) {
      ascii(Long.toString(value));
    } else {
      digits(value);
    }
    comma();
  }

  /**
   * A duration in milliseconds, with three digits behind the point.
   *
   * @param nanos from 0 up
   */
  public void millis(LineField field, long nanos) {
    begin(field);
    long micros = (nanos + NANOS_PER_MICRO / 2) / NANOS_PER_MICRO;
    digits(micros / SECOND);
    thousandths((int) (micros % SECOND));
    comma();
  }

  /** A moment. */
  public void time(LineField field, long epochMillis) {
    long wanted = Math.floorDiv(epochMillis, SECOND);
    if (wanted != second) {
      String text = LineTime.text(wanted * SECOND);
      clock = text.substring(0, text.indexOf('.')).getBytes(StandardCharsets.US_ASCII);
      second = wanted;
    }
    begin(field);
    room(clock.length + 16);
    bytes[at++] = '"';
    System.arraycopy(clock, 0, bytes, at, clock.length);
    at += clock.length;
    thousandths(Math.floorMod(epochMillis, SECOND));
    bytes[at++] = 'Z';
    bytes[at++] = '"';
    comma();
  }

  /** 16 digits, each of four bits. */
  public void hex(LineField field, long value) {
    begin(field);
    room(2 + 16);
    bytes[at++] = '"';
    hex(value);
    bytes[at++] = '"';
    comma();
  }

  /** 32 digits, each of four bits. */
  public void hex(LineField field, long high, long low) {
    begin(field);
    room(2 + 32);
    bytes[at++] = '"';
    hex(high);
    hex(low);
    bytes[at++] = '"';
    comma();
  }

  /**
   * An address and a port, {@code 10.0.0.1:80}.
   *
   * @param port from 0 up
   */
  public void address(LineField field, String host, int port) {
    begin(field);
    quoted(host);
    at--; // its closing quote
    room(1);
    bytes[at++] = ':';
    digits(port);
    room(1);
    bytes[at++] = '"';
    comma();
  }

  /** An object of texts. */
  public void object(LineField field, Iterable<Map.Entry<String, String>> values) {
    begin(field);
    open();
    for (Map.Entry<String, String> value : values) {
      quoted(value.getKey());
      room(1);
      bytes[at++] = ':';
      quoted(value.getValue());
      comma();
    }
    close();
    comma();
  }

  private void begin(LineField field) {
    byte[] begin = field.begin();
    room(begin.length);
    System.arraycopy(begin, 0, bytes, at, begin.length);
    at += begin.length;
  }

  private void comma() {
    room(1);
    bytes[at++] = ',';
  }

  private void quoted(String text) {
    int length = text.length();
    room((long) length * WIDEST + 2);
    byte[] into = bytes;
    int to = at;
    into[to++] = '"';
    int from = 0;
    while (from < length) {
      char c = text.charAt(from);
      if (c >= PLAIN.length || !PLAIN[c]) {
        break;
      }
      into[to++] = (byte) c;
      from++;
    }
    at = to;
    if (from < length) {
      escaped(text, from);
    }
    bytes[at++] = '"';
  }

  /** The rest of a text, from its first character that does not stand for itself. */
  private void escaped(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < PLAIN.length && PLAIN[c]) {
        bytes[at++] = (byte) c;
        continue;
      }
      bytes[at++] = '\\';
      if (c == '"' || c == '\\') {
        bytes[at++] = (byte) c;
        continue;
      }
      bytes[at++] = 'u';
      for (int shift = 12; shift >= 0; shift -= 4) {
        bytes[at++] = DIGITS[(c >> shift) & 0xF];
      }
    }
  }

  private void digits(long value) {
    room(20);
    int end = at + 1;
    for (long rest = value / 10; rest > 0; rest /= 10) {
      end++;
    }
    long rest = value;
    for (int i = end - 1; i >= at; i--) {
      bytes[i] = DIGITS[(int) (rest % 10)];
      rest /= 10;
    }
    at = end;
  }

  private void thousandths(int value) {
    room(4);
    bytes[at++] = '.';
    bytes[at++] = DIGITS[value / 100];
    bytes[at++] = DIGITS[value / 10 % 10];
    bytes[at++] = DIGITS[value % 10];
  }

  private void hex(long value) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      bytes[at++] = DIGITS[(int) (value >>> shift) & 0xF];
    }
  }

  private void room(long more) {
    if (more > bytes.length - at) {
      bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(2L * bytes.length, at + more)));
    }
  }
}
