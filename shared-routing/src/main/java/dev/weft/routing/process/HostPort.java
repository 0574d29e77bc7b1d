package dev.weft.routing.process;

import dev.weft.routing.process.flags.Flag;
import dev.weft.routing.process.flags.Given;
import dev.weft.routing.process.flags.WrongUsage;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An address and a port of a flag, {@code [ADDR:]PORT}; an IPv6 address stands in brackets.
 *
 * @param port 0 (a free one) to 65535
 */
public record HostPort(String host, int port) {

  private static final int MOST = 65535;
  private static final String LOOPBACK = "127.0.0.1";

  /**
   * @param text {@code PORT}, {@code ADDR:PORT} or {@code [V6]:PORT}
   * @param defaultHost where the text names none
   * @throws IllegalArgumentException in words that a user reads
   */
  public static HostPort parse(String text, String defaultHost) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? defaultHost : text.substring(0, colon);
    String port = text.substring(colon + 1);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    if (host.isEmpty() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > MOST) {
      throw new IllegalArgumentException(
          "'" + text + "' is no address (expected: [ADDR:]PORT, e.g. 127.0.0.1:8080)");
    }
    return new HostPort(host, Integer.parseInt(port));
  }

  /**
   * Of a flag whose address is the loopback where none is named; empty without it.
   *
   * @throws WrongUsage where it is none
   */
  public static Optional<HostPort> of(Flag flag, Given given) {
    try {
      return given.one(flag).map(text -> parse(text, LOOPBACK));
    } catch (IllegalArgumentException e) {
      throw new WrongUsage(flag.name() + ": " + e.getMessage());
    }
  }

  @Override
  public String toString() {
    return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }

  /** For flags whose address is the loopback where none is named. */
  public static final class Converter implements ITypeConverter<HostPort> {
    @Override
    public HostPort convert(String value) {
      try {
        return parse(value, LOOPBACK);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
