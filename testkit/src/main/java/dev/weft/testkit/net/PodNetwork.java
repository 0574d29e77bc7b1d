package dev.weft.testkit.net;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Two network namespaces joined by a cable, each with an IPv4 and an IPv6 address, that stand for
 * two pods. This machine's own network is not touched. Needs root, {@code ip} and {@code iptables}.
 */
public final class PodNetwork implements AutoCloseable {

  private static final AtomicInteger MADE = new AtomicInteger();
  private static final Pattern OURS = Pattern.compile("weft-(\\d{1,9})-\\d+[ab]\\b");

  private final Pod first;
  private final Pod second;

  private PodNetwork(Pod first, Pod second) {
    this.first = first;
    this.second = second;
  }

  /** Why there can be none here; empty when there can. For {@code @EnabledIf}. */
  public static Optional<String> missing() {
    if (!"root".equals(System.getProperty("user.name"))) {
      return Optional.of("network namespaces need root");
    }
    try (PodNetwork tried = open()) {
      tried.first.run("iptables-save", "-t", "nat");
      tried.first.run("ip6tables-save", "-t", "nat");
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Makes two, of names of their own; takes away those of processes that were killed. */
  public static PodNetwork open() throws IOException {
    sweep();
    String name = "weft-" + ProcessHandle.current().pid() + "-" + MADE.incrementAndGet();
    Pod first = new Pod(name + "a", "10.77.0.1", "fd77::1");
    Pod second = new Pod(name + "b", "10.77.0.2", "fd77::2");
    PodNetwork network = new PodNetwork(first, second);
    Runtime.getRuntime().addShutdownHook(new Thread(network::close, "end of " + name));
    try {
      for (Pod pod : List.of(first, second)) {
        Pod.output("ip", "netns", "add", pod.name());
        Pod.output("ip", "-n", pod.name(), "link", "set", "lo", "up");
      }
      Pod.output(
          "ip",
          "link",
          "add",
          "eth0",
          "netns",
          first.name(),
          "type",
          "veth",
          "peer",
          "name",
          "eth0",
          "netns",
          second.name());
      for (Pod pod : List.of(first, second)) {
        Pod other = pod.equals(first) ? second : first;
        pod.run("ip", "addr", "add", pod.v4() + "/24", "dev", "eth0");
        pod.run("ip", "addr", "add", pod.v6() + "/64", "dev", "eth0", "nodad");
        pod.run("ip", "link", "set", "eth0", "up");
        pod.run("ip", "route", "add", "default", "via", other.v4());
        pod.run("ip", "-6", "route", "add", "default", "via", other.v6());
      }
      return network;
    } catch (IOException e) {
      network.close();
      throw e;
    }
  }

  private static void sweep() throws IOException {
    for (String line : Pod.output("ip", "netns", "list").split("\n", -1)) {
      Matcher ours = OURS.matcher(line);
      if (ours.lookingAt() && ProcessHandle.of(Long.parseLong(ours.group(1))).isEmpty()) {
        new Pod(ours.group(), "", "").end();
      }
    }
  }

  public Pod first() {
    return first;
  }

  public Pod second() {
    return second;
  }

  /** Ends what runs in them, and takes them away. */
  @Override
  public void close() {
    first.end();
    second.end();
  }
}
