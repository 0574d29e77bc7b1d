package dev.weft.testkit.fault;

import java.util.Map;

/** What a fault does with the one request that it answers, whatever HTTP it came in. */
interface Wire {

  /** The head of an answer; without {@code content-length} a body follows in chunks. */
  void head(int status, Map<String, String> headers);

  void body(byte[] bytes);

  /** A whole answer in one write: whoever is killed has given all of it, or nothing. */
  void whole(int status, byte[] body);

  /** The answer's proper end. */
  void end();

  /** Bytes that no protocol asked for. */
  void raw(byte[] bytes);

  /** HTTP/1.1: the connection ends with an RST. HTTP/2: the stream does, with this error. */
  void reset(long error);

  /** The connection ends, with a FIN. */
  void close();

  /** HTTP/2: GOAWAY that leaves this stream out; HTTP/1.1: the connection ends. */
  void leave();
}
