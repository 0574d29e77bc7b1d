package dev.weft.routing.telemetry.tcp;

import dev.weft.config.logging.Attribute;
import dev.weft.config.logging.Facts;
import dev.weft.config.logging.Operator;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.telemetry.AccessLine;
import dev.weft.routing.telemetry.line.LineBytes;
import dev.weft.routing.telemetry.line.LineField;
import dev.weft.routing.telemetry.line.LineRules;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What is noted of one connection that ended and was not HTTP.
 *
 * @param ended when, in milliseconds since 1970
 * @param nanos that it lasted
 * @param caller who opened it, with where it was going and the name that its handshake asked for
 * @param bytesIn that the caller sent
 * @param bytesOut that it was sent
 * @param taken the way that it took
 * @param seed from which every draw of the decision was mixed
 * @param trouble empty where both sides ended it
 * @param config version of the configuration that served it
 * @param rules how its line is written
 */
record ConnectionEntry(
    long ended,
    long nanos,
    Caller caller,
    long bytesIn,
    long bytesOut,
    Way taken,
    long seed,
    Optional<Trouble> trouble,
    String config,
    LineRules rules)
    implements AccessLine.Entry, Facts {

  /**
   * The way of a connection; {@code -} for what it did not come to.
   *
   * @param attempts endpoints that were tried
   */
  record Way(String route, String cluster, String endpoint, int attempts) {
    static final Way NONE = new Way("-", "-", "-", 0);
  }

  /**
   * Why a connection was not carried, or did not end well.
   *
   * @param cause for machines
   * @param detail for people; may be empty
   */
  record Trouble(String cause, String detail) {}

  @Override
  public Optional<String> way() {
    return taken.equals(Way.NONE) ? Optional.empty() : Optional.of(taken.cluster);
  }

  @Override
  public OptionalInt status() {
    return OptionalInt.empty();
  }

  @Override
  public String route() {
    return taken.route;
  }

  @Override
  public Optional<String> path() {
    return Optional.empty();
  }

  @Override
  public Optional<String> principal() {
    return caller.principal();
  }

  @Override
  public long durationNanos() {
    return nanos;
  }

  @Override
  public void fields(LineBytes line) {
    AccessLine.began(line, ended, nanos);
    line.field(LineField.PROTOCOL, "tcp");
    line.field(
        LineField.DESTINATION,
        caller.destination().map(NetUtil::toSocketAddressString).orElse("-"));
    line.field(LineField.SERVER_NAME, caller.handshake().serverName().orElse("-"));
    if (trouble.isPresent()) {
      line.field(LineField.CAUSE, trouble.get().cause);
      line.field(LineField.DETAIL, trouble.get().detail);
    }
    AccessLine.took(line, nanos, bytesIn, bytesOut);
    line.field(LineField.ROUTE, taken.route);
    line.field(LineField.CLUSTER, taken.cluster);
    line.field(LineField.ENDPOINT, taken.endpoint);
    line.field(LineField.ATTEMPTS, taken.attempts);
    line.field(LineField.CONFIG, config);
    line.hex(LineField.SEED, seed);
    AccessLine.caller(line, caller);
  }

  @Override
  public Instant came() {
    return Instant.ofEpochMilli(ended).minusNanos(nanos);
  }

  /** Of what a request has beside it there is nothing. */
  @Override
  public Optional<String> value(Operator operator) {
    return switch (operator) {
      case START_TIME -> Optional.of(AccessLine.began(ended, nanos));
      case DURATION -> Optional.of(AccessLine.millis(nanos));
      case BYTES_RECEIVED -> Optional.of(Long.toString(bytesIn));
      case BYTES_SENT -> Optional.of(Long.toString(bytesOut));
      case RESPONSE_CODE -> Optional.of("0"); // as Envoy has it
      case CONNECTION_TERMINATION_DETAILS, WEFT_CAUSE -> trouble.map(Trouble::cause);
      case WEFT_DETAIL -> trouble.map(Trouble::detail);
      case UPSTREAM_HOST -> Optional.of(taken.endpoint);
      case UPSTREAM_CLUSTER, UPSTREAM_CLUSTER_RAW -> way();
      case UPSTREAM_REQUEST_ATTEMPT_COUNT -> Optional.of(Integer.toString(taken.attempts));
      case ROUTE_NAME -> Optional.of(taken.route);
      case WEFT_CONFIG -> Optional.of(config);
      case WEFT_SEED -> Optional.of(HexFormat.of().toHexDigits(seed));
      case UPSTREAM_REMOTE_ADDRESS, UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT, UPSTREAM_REMOTE_PORT ->
          AccessLine.value(operator, taken.endpoint);
      default -> AccessLine.value(operator, caller);
    };
  }

  @Override
  public OptionalDouble number(Attribute attribute) {
    return switch (attribute) {
      case DESTINATION_PORT ->
          OptionalDouble.of(
              caller.destination().map(InetSocketAddress::getPort).orElse(caller.localPort()));
      case REQUEST_DURATION, RESPONSE_DURATION -> OptionalDouble.of(nanos / 1e6);
      case REQUEST_SIZE -> OptionalDouble.of((double) bytesIn);
      case RESPONSE_SIZE -> OptionalDouble.of((double) bytesOut);
      default -> OptionalDouble.empty();
    };
  }

  @Override
  public Optional<String> text(Attribute attribute) {
    return switch (attribute) {
      case SOURCE_ADDRESS -> Optional.of(caller.address());
      case CONNECTION_PEER -> principal();
      case ROUTE_NAME -> Optional.of(taken.route);
      case CLUSTER_NAME -> way();
      case WEFT_CAUSE -> trouble.map(Trouble::cause);
      default -> Optional.empty();
    };
  }

  @Override
  public Optional<Boolean> truth(Attribute attribute) {
    return attribute == Attribute.CONNECTION_MTLS
        ? Optional.of(principal().isPresent())
        : Optional.empty();
  }

  @Override
  public Optional<String> header(Attribute attribute, String name) {
    return Optional.empty();
  }

  @Override
  public double drawn() {
    return AccessLine.drawn(seed);
  }
}
