package dev.weft.routing.identity.der;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an authority answers about certificates. It reads and verifies nothing: whose signature it
 * bears is for another to tell.
 *
 * <p>Source: RFC 6960, section 4.2.1.
 */
public record OcspAnswer(List<About> about) {

  private static final int ENUMERATED = 0x0A;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SECOND = 0xA1; // constructed, context-specific, number 1
  private static final int THIRD = 0xA2;
  private static final int GOOD = 0x80;
  private static final int REVOKED = 0xA1;
  private static final int UNKNOWN = 0x82;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'");

  public OcspAnswer {
    about = List.copyOf(about);
  }

  /** What is said of a certificate. */
  public enum State {
    GOOD,
    REVOKED,
    UNKNOWN
  }

  /**
   * One certificate.
   *
   * @param end empty where newer news may be had at any time
   */
  public record About(BigInteger serial, State state, Instant begin, Optional<Instant> end) {}

  /**
   * @throws IOException where it is no answer, or one that says nothing
   */
  public static OcspAnswer parse(byte[] der) throws IOException {
    DerReader answer = inside(new DerReader(der), Der.SEQUENCE);
    byte[] status = answer.content(ENUMERATED);
    if (status.length != 1 || status[0] != 0) {
      throw new IOException("an answer without success");
    }
    DerReader bytes = inside(inside(answer, Der.FIRST), Der.SEQUENCE);
    bytes.content(OBJECT_IDENTIFIER); // of the only kind that there is
    DerReader basic = inside(inside(bytes, Der.OCTET_STRING), Der.SEQUENCE);
    DerReader data = inside(basic, Der.SEQUENCE);
    if (data.isNext(Der.FIRST)) {
      data.content(Der.FIRST); // version
    }
    data.content(data.isNext(SECOND) ? SECOND : THIRD); // who answers
    data.content(GENERALIZED_TIME); // when
    DerReader responses = inside(data, Der.SEQUENCE);
    List<About> about = new ArrayList<>();
    while (responses.hasMore()) {
      about.add(about(inside(responses, Der.SEQUENCE)));
    }
    return new OcspAnswer(about);
  }

  private static About about(DerReader one) throws IOException {
    DerReader id = inside(one, Der.SEQUENCE);
    id.content(Der.SEQUENCE); // how the next two are hashed
    id.content(Der.OCTET_STRING);
    id.content(Der.OCTET_STRING);
    byte[] serial = id.content(Der.INTEGER);
    if (serial.length == 0) {
      throw new IOException("a serial number of no bytes");
    }
    State state = state(one);
    Instant begin = time(one);
    Optional<Instant> end =
        one.isNext(Der.FIRST) ? Optional.of(time(inside(one, Der.FIRST))) : Optional.empty();
    return new About(new BigInteger(serial), state, begin, end);
  }

  private static State state(DerReader one) throws IOException {
    if (one.isNext(GOOD)) {
      one.content(GOOD);
      return State.GOOD;
    }
    boolean revoked = one.isNext(REVOKED);
    one.content(revoked ? REVOKED : UNKNOWN);
    return revoked ? State.REVOKED : State.UNKNOWN;
  }

  private static Instant time(DerReader one) throws IOException {
    String text = new String(one.content(GENERALIZED_TIME), StandardCharsets.US_ASCII);
    try {
      return LocalDateTime.parse(text, TIME).toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw new IOException("a time that is none", e);
    }
  }

  private static DerReader inside(DerReader outer, int tag) throws IOException {
    return new DerReader(outer.content(tag));
  }
}
