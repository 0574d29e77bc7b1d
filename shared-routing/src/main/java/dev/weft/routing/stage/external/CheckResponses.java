package dev.weft.routing.stage.external;

import dev.weft.routing.proto.ProtoReader;
import dev.weft.routing.stage.external.HeaderChanges.Collector;
import dev.weft.routing.stage.external.HeaderChanges.How;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;

/**
 * Reads {@code envoy.service.auth.v3.CheckResponse}. One without a status, and one that both allows
 * and says how it denies, allows nothing: an empty message is what many a fault looks like.
 *
 * <p>Source: Envoy {@code envoy/service/auth/v3/external_auth.proto}, {@code
 * envoy/config/core/v3/base.proto}; the numbers below are its.
 */
final class CheckResponses {

  private static final int FORBIDDEN = 403;

  private boolean status;
  private long code;
  private boolean denies;
  private int refusal = FORBIDDEN;
  private final Collector toUpstream = new Collector();
  private final Collector toDownstream = new Collector();
  private final Collector withRefusal = new Collector();
  private Buffer body = Buffer.buffer();

  private CheckResponses() {}

  /** Fails with {@link UnsoundAnswer} where it is none. */
  static Answer read(Buffer message) {
    CheckResponses all = new CheckResponses();
    ProtoReader reader = new ProtoReader(message, CheckResponses::unsound);
    for (int field = reader.next(); field != 0; field = reader.next()) {
      switch (field) {
        case 1 -> all.status(reader.message());
        case 2 -> all.denied(reader.message());
        case 3 -> all.allowed(reader.message());
        default -> reader.skip();
      }
    }
    return all.answer();
  }

  private static UnsoundAnswer unsound(String what) {
    return new UnsoundAnswer("an answer that is no CheckResponse: " + what);
  }

  private Answer answer() {
    if (!status) {
      throw new UnsoundAnswer("a CheckResponse without a status");
    }
    if (code == 0 && !denies) {
      return new Answer.Allowed(toUpstream.changes(), toDownstream.changes());
    }
    MultiMap headers = HttpHeaders.headers();
    withRefusal.changes().apply(headers);
    return new Answer.Denied(Answers.refusal(refusal), headers, body);
  }

  /** {@code google.rpc.Status}. */
  private void status(ProtoReader reader) {
    status = true;
    for (int field = reader.next(); field != 0; field = reader.next()) {
      if (field == 1) {
        code = reader.number();
      } else {
        reader.skip();
      }
    }
  }

  private void denied(ProtoReader reader) {
    denies = true;
    for (int field = reader.next(); field != 0; field = reader.next()) {
      switch (field) {
        case 1 -> refusal(reader.message());
        case 2 -> header(reader.message(), withRefusal, How.APPEND);
        case 3 -> body = Buffer.buffer(reader.text());
        default -> reader.skip();
      }
    }
  }

  /** {@code envoy.type.v3.HttpStatus}. */
  private void refusal(ProtoReader reader) {
    for (int field = reader.next(); field != 0; field = reader.next()) {
      if (field == 1) {
        refusal = (int) Math.max(0, Math.min(Integer.MAX_VALUE, reader.number()));
      } else {
        reader.skip();
      }
    }
  }

  private void allowed(ProtoReader reader) {
    for (int field = reader.next(); field != 0; field = reader.next()) {
      switch (field) {
        case 2 -> header(reader.message(), toUpstream, How.OVERWRITE);
        case 5 -> toUpstream.remove(reader.text());
        case 6 -> header(reader.message(), toDownstream, How.OVERWRITE);
        default -> reader.skip();
      }
    }
  }

  /**
   * {@code HeaderValueOption}.
   *
   * @param unsaid what becomes of a header that is there, unless it is said
   */
  private static void header(ProtoReader reader, Collector to, How unsaid) {
    String name = "";
    String value = "";
    How how = unsaid;
    for (int field = reader.next(); field != 0; field = reader.next()) {
      switch (field) {
        case 1 -> {
          ProtoReader header = reader.message();
          for (int part = header.next(); part != 0; part = header.next()) {
            switch (part) {
              case 1 -> name = header.text();
              case 2, 3 -> value = header.text();
              default -> header.skip();
            }
          }
        }
        case 2 -> how = append(reader.message()) ? How.APPEND : How.OVERWRITE;
        case 3 -> how = how(reader.number());
        default -> reader.skip();
      }
    }
    to.change(name, value, how);
  }

  /** {@code google.protobuf.BoolValue}. */
  private static boolean append(ProtoReader reader) {
    boolean append = false;
    for (int field = reader.next(); field != 0; field = reader.next()) {
      if (field == 1) {
        append = reader.flag();
      } else {
        reader.skip();
      }
    }
    return append;
  }

  /** {@code HeaderAppendAction}, as far as it is not the default, which is not written. */
  private static How how(long action) {
    return switch ((int) Math.min(4, action)) {
      case 0 -> How.APPEND;
      case 1 -> How.ADD_IF_ABSENT;
      case 2 -> How.OVERWRITE;
      case 3 -> How.OVERWRITE_IF_EXISTS;
      default -> throw new UnsoundAnswer("a header with an unknown append_action");
    };
  }
}
