package dev.weft.gateway;

import static dev.weft.gateway.RawHttp2.CONTINUATION;
import static dev.weft.gateway.RawHttp2.DATA;
import static dev.weft.gateway.RawHttp2.GO_AWAY;
import static dev.weft.gateway.RawHttp2.HEADERS;
import static dev.weft.gateway.RawHttp2.LAST;
import static dev.weft.gateway.RawHttp2.RESET;
import static dev.weft.gateway.RawHttp2.SETTINGS;
import static dev.weft.gateway.StreamAttack.CLOSED;
import static dev.weft.gateway.StreamAttack.COMPRESSION;
import static dev.weft.gateway.StreamAttack.END_HEADERS;
import static dev.weft.gateway.StreamAttack.FLOW;
import static dev.weft.gateway.StreamAttack.PADDED;
import static dev.weft.gateway.StreamAttack.PRIORITIZED;
import static dev.weft.gateway.StreamAttack.PROTOCOL;
import static dev.weft.gateway.StreamAttack.SIZE;
import static dev.weft.gateway.StreamAttack.connection;
import static dev.weft.gateway.StreamAttack.data;
import static dev.weft.gateway.StreamAttack.frame;
import static dev.weft.gateway.StreamAttack.head;
import static dev.weft.gateway.StreamAttack.posted;
import static dev.weft.gateway.StreamAttack.served;
import static dev.weft.gateway.StreamAttack.stream;
import static dev.weft.gateway.StreamAttack.with;

import java.util.stream.Stream;

/** Frames that are none, or come where they may not. RFC 9113 sections 4 to 6, RFC 7541. */
final class FrameAttacks {

  private static final int PRIORITY = 2;
  private static final int PUSH_PROMISE = 5;
  private static final int PING = 6;
  private static final int WINDOW_UPDATE = 8;
  private static final int UNHEARD_OF = 99;
  private static final int ACK = 1;
  private static final String GOT = "GET /p HTTP/1.1\r\nhost: shop.test\r\n\r\n";

  private FrameAttacks() {}

  static Stream<StreamAttack> all() {
    return Stream.of(streams(), sizes(), settings(), windows(), blocks(), compression(), ignored())
        .flatMap(each -> each);
  }

  private static byte[] get(int stream) {
    return head(stream, true, with());
  }

  private static byte[] post(int stream) {
    return head(stream, false, posted());
  }

  private static Stream<StreamAttack> streams() {
    return Stream.of(
        connection("DATA of no stream", PROTOCOL, data(0, true, "hello")),
        connection("HEADERS of no stream", PROTOCOL, get(0)),
        connection("PRIORITY of no stream", PROTOCOL, frame(PRIORITY, 0, 0, 0, 0, 0, 3, 1)),
        connection("RST_STREAM of no stream", PROTOCOL, frame(RESET, 0, 0, 0, 0, 0, 8)),
        connection("CONTINUATION of no stream", PROTOCOL, frame(CONTINUATION, END_HEADERS, 0)),
        connection("SETTINGS of a stream", PROTOCOL, frame(SETTINGS, 0, 1)),
        connection("PING of a stream", PROTOCOL, frame(PING, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)),
        connection("GOAWAY of a stream", PROTOCOL, frame(GO_AWAY, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)),
        connection("DATA of a stream that never was", PROTOCOL, data(1, true, "hello")),
        connection(
            "RST_STREAM of a stream that never was", PROTOCOL, frame(RESET, 0, 1, 0, 0, 0, 8)),
        connection(
            "WINDOW_UPDATE of a stream that never was",
            PROTOCOL,
            frame(WINDOW_UPDATE, 0, 1, 0, 0, 0, 1)),
        connection("a stream of an even number", PROTOCOL, get(2)),
        stream("a stream of a lower number", CLOSED, head(5, false, posted()), get(3)),
        connection(
            "PUSH_PROMISE", PROTOCOL, post(1), frame(PUSH_PROMISE, END_HEADERS, 1, 0, 0, 0, 2)),
        stream("DATA behind the last", CLOSED, head(1, true, posted()), data(1, true, "hello")),
        connection(
            "a stream that depends on itself",
            PROTOCOL,
            frame(HEADERS, PRIORITIZED | END_HEADERS | LAST, 1, 0, 0, 0, 1, 1)));
  }

  private static Stream<StreamAttack> sizes() {
    int[] large = new int[16_385];
    return Stream.of(
        connection(
            "DATA padded beyond its end", PROTOCOL, post(1), frame(DATA, PADDED, 1, 9, 1, 2)),
        connection("DATA padded by all of it", PROTOCOL, post(1), frame(DATA, PADDED, 1, 1)),
        stream("DATA padded without a length", SIZE, post(1), frame(DATA, PADDED, 1)),
        connection(
            "HEADERS padded beyond their end",
            PROTOCOL,
            frame(HEADERS, PADDED | END_HEADERS, 1, 9, 1)),
        connection(
            "HEADERS too short for a priority",
            SIZE,
            frame(HEADERS, PRIORITIZED | END_HEADERS, 1, 0, 0)),
        connection("DATA that is too large", SIZE, post(1), frame(DATA, 0, 1, large)),
        connection("HEADERS that are too large", SIZE, frame(HEADERS, END_HEADERS, 1, large)),
        connection("SETTINGS of five bytes", SIZE, frame(SETTINGS, 0, 0, 0, 1, 0, 0, 0)),
        connection(
            "a confirmation of SETTINGS with bytes",
            SIZE,
            frame(SETTINGS, ACK, 0, 0, 1, 0, 0, 0, 0)),
        connection("PING of seven bytes", SIZE, frame(PING, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        connection("PING of nine bytes", SIZE, frame(PING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        connection("GOAWAY of seven bytes", SIZE, frame(GO_AWAY, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        connection("WINDOW_UPDATE of three bytes", SIZE, frame(WINDOW_UPDATE, 0, 0, 0, 0, 1)),
        connection("RST_STREAM of three bytes", SIZE, post(1), frame(RESET, 0, 1, 0, 0, 8)),
        stream("PRIORITY of four bytes", SIZE, post(1), frame(PRIORITY, 0, 1, 0, 0, 0, 3)));
  }

  private static StreamAttack setting(String what, int code, int... setting) {
    return connection(what, code, frame(SETTINGS, 0, 0, setting));
  }

  private static Stream<StreamAttack> settings() {
    return Stream.of(
        setting("a push of two", PROTOCOL, 0, 2, 0, 0, 0, 2),
        setting("a window of 2^31", FLOW, 0, 4, 128, 0, 0, 0),
        setting("a window of 2^32 - 1", FLOW, 0, 4, 255, 255, 255, 255),
        setting("frames of at most 100 bytes", PROTOCOL, 0, 5, 0, 0, 0, 100),
        setting("frames of at most 2^24 bytes", PROTOCOL, 0, 5, 1, 0, 0, 0));
  }

  private static Stream<StreamAttack> windows() {
    return Stream.of(
        connection("no window more", PROTOCOL, frame(WINDOW_UPDATE, 0, 0, 0, 0, 0, 0)),
        connection("a window too large", FLOW, frame(WINDOW_UPDATE, 0, 0, 127, 255, 255, 255)),
        stream(
            "no window more of a stream",
            PROTOCOL,
            post(1),
            frame(WINDOW_UPDATE, 0, 1, 0, 0, 0, 0)),
        stream(
            "a window too large of a stream",
            FLOW,
            post(1),
            frame(WINDOW_UPDATE, 0, 1, 127, 255, 255, 255)));
  }

  private static Stream<StreamAttack> blocks() {
    byte[] begun = frame(HEADERS, LAST, 1, 0x82);
    return Stream.of(
        connection(
            "CONTINUATION without a beginning",
            PROTOCOL,
            frame(CONTINUATION, END_HEADERS, 1, 0x82)),
        connection(
            "CONTINUATION behind an end",
            PROTOCOL,
            post(1),
            frame(CONTINUATION, END_HEADERS, 1, 0x82)),
        connection(
            "CONTINUATION of another stream",
            PROTOCOL,
            begun,
            frame(CONTINUATION, END_HEADERS, 3, 0x84)),
        connection("DATA within a head", PROTOCOL, begun, data(1, true, "hello")),
        connection(
            "PING within a head", PROTOCOL, begun, frame(PING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        connection("SETTINGS within a head", PROTOCOL, begun, frame(SETTINGS, 0, 0)),
        connection("a request within a head", PROTOCOL, begun, get(3)),
        connection("a frame unheard of within a head", PROTOCOL, begun, frame(UNHEARD_OF, 0, 0)));
  }

  private static StreamAttack block(String what, int... bytes) {
    return connection(what, COMPRESSION, frame(HEADERS, END_HEADERS | LAST, 1, bytes));
  }

  private static Stream<StreamAttack> compression() {
    return Stream.of(
        block("the index 0", 0x80),
        block("an index beyond the table", 0xc6),
        block("an index that is too large", 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f),
        block("an index without an end", 0xff, 0xff, 0xff),
        block("a name by an index beyond the table", 0x7f, 0x20, 1, 'x'),
        block("a string longer than its block", 0, 1, 'x', 100, 'y'),
        block("a string of 2^31 bytes", 0, 1, 'x', 0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f),
        block("Huffman's end within a string", 0, 0x84, 0xff, 0xff, 0xff, 0xff, 1, 'x'),
        block("Huffman padded by a byte", 0, 0x82, 0x1f, 0xff, 1, 'x'),
        block("Huffman padded by zeros", 0, 0x81, 0x18, 1, 'x'),
        block("a table larger than is offered", 0x3f, 0xff, 0xff, 0x7f, 0x82),
        block("a table resized within a head", 0x82, 0x20, 0x84));
  }

  private static Stream<StreamAttack> ignored() {
    byte[] block = RawHttp2.block(with().toArray(String[]::new));
    byte[] reserved = get(1);
    reserved[5] = (byte) (reserved[5] | 0x80);
    return Stream.of(
        served("a frame unheard of", GOT, frame(UNHEARD_OF, 255, 0, 1, 2, 3), get(1)),
        served("a frame unheard of, of a stream", GOT, frame(UNHEARD_OF, 255, 7, 1, 2, 3), get(1)),
        served("a setting unheard of", GOT, frame(SETTINGS, 0, 0, 255, 0, 1, 2, 3, 4), get(1)),
        served(
            "flags unheard of", GOT, RawHttp2.bytes(HEADERS, 0xc0 | END_HEADERS | LAST, 1, block)),
        served("the reserved bit", GOT, reserved),
        served(
            "a priority of a stream that never was",
            GOT,
            frame(PRIORITY, 0, 9, 0, 0, 0, 3, 1),
            get(1)),
        served(
            "a request behind a farewell",
            GOT,
            frame(GO_AWAY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
            get(1)),
        served(
            "a probe that nobody answers",
            GOT,
            frame(PING, ACK, 0, 0, 0, 0, 0, 0, 0, 0, 0),
            get(1)),
        served(
            "a head in pieces",
            GOT,
            RawHttp2.bytes(HEADERS, LAST, 1, new byte[0]),
            RawHttp2.bytes(CONTINUATION, END_HEADERS, 1, block)),
        served(
            "padding of a body",
            "POST /p HTTP/1.1\r\nhost: shop.test\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            post(1),
            frame(DATA, PADDED | LAST, 1, 3, 'h', 'i', 0, 0, 0)));
  }
}
