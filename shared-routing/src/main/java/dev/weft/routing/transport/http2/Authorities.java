package dev.weft.routing.transport.http2;

import java.util.regex.Pattern;

/**
 * Which {@code Host} comes out of HTTP/2 as it went in. Vert.x makes {@code :authority} of host and
 * port as it reads them, so that an empty port becomes 0, zeros before one are lost, and so is the
 * port of the scheme, which is that of TLS here.
 *
 * <p>Source: RFC 9113 section 8.3.1; Vert.x 5.0.12, {@code HttpClientRequestBase.authority}.
 */
public final class Authorities {

  private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");
  private static final int MOST = 65_535;
  private static final int HTTPS = 443;

  private Authorities() {}

  /**
   * @param authority of which a listener said that it is a host and perhaps one port
   */
  public static boolean same(String authority) {
    if (authority.indexOf('[') >= 0 || authority.indexOf('%') >= 0) {
      return false; // not read as RFC 3986 says in every case
    }
    int colon = authority.indexOf(':');
    return colon < 0 || samePort(authority.substring(colon + 1));
  }

  private static boolean samePort(String port) {
    if (!PORT.matcher(port).matches()) {
      return false;
    }
    int number = Integer.parseInt(port);
    return number <= MOST && number != HTTPS;
  }
}
