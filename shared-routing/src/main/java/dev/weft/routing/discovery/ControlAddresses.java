package dev.weft.routing.discovery;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * Where control planes of one name are, one after the other: each of its addresses in its turn, so
 * that none is tried twice while there is another. The first is drawn, so that many proxies divide
 * themselves. The name is looked up anew for each. One event loop's own.
 */
public final class ControlAddresses {

  private final String name;
  private final int port;
  private final Supplier<Future<List<String>>> lookUp;
  private final IntUnaryOperator chance;
  private String last = "";
  private int known = 1;

  /**
   * @param name with the port, for people
   * @param lookUp gives the addresses that it has now
   * @param chance a draw from 0 to below its argument
   */
  public ControlAddresses(
      String name, int port, Supplier<Future<List<String>>> lookUp, IntUnaryOperator chance) {
    this.name = name;
    this.port = port;
    this.lookUp = lookUp;
    this.chance = chance;
  }

  /** Those that this machine finds for a name. */
  public static ControlAddresses of(Vertx vertx, String host, int port) {
    return new ControlAddresses(
        host,
        port,
        () -> vertx.executeBlocking(() -> found(host), false),
        bound -> ThreadLocalRandom.current().nextInt(bound));
  }

  private static List<String> found(String host) throws UnknownHostException {
    return Arrays.stream(InetAddress.getAllByName(host)).map(InetAddress::getHostAddress).toList();
  }

  String name() {
    return name;
  }

  int port() {
    return port;
  }

  /** How many there were at the last look, from 1. */
  int known() {
    return known;
  }

  /** The next one to try; fails where the name is not known. */
  Future<SocketAddress> next() {
    return lookUp
        .get()
        .map(
            found -> {
              List<String> all = found.stream().distinct().sorted().toList();
              known = Math.max(1, all.size());
              last = after(all);
              return SocketAddress.inetSocketAddress(port, last);
            });
  }

  /** In the order of their text, which no answer of DNS changes. */
  private String after(List<String> all) {
    if (last.isEmpty()) {
      return all.get(chance.applyAsInt(all.size()));
    }
    return all.stream().filter(one -> one.compareTo(last) > 0).findFirst().orElse(all.get(0));
  }
}
