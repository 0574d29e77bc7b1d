package dev.weft.sidecar.intercept;

import dev.weft.routing.listener.intercept.socket.Mark;
import dev.weft.sidecar.intercept.Wanted.Network;
import dev.weft.sidecar.intercept.Wanted.Owner;
import dev.weft.sidecar.intercept.Wanted.Ports;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The flags that say which connections a sidecar gets. */
final class WantedOptions {

  private static final int MOST_PORT = 65535;
  private static final long MOST_ID = 0xFFFF_FFFEL; // one more stands for nobody
  private static final int V4_BITS = 32;
  private static final int V6_BITS = 128;

  /** Ports of the sidecar itself that others reach as they are: control-admin, metrics, health. */
  private static final List<Ports> OWN =
      List.of(new Ports(15004, 15004), new Ports(15020, 15020), new Ports(15021, 15021));

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--outbound-port",
      paramLabel = "PORT",
      defaultValue = "15001",
      description = {
        "The sidecar's port for connections that leave, as",
        "its own flag says (default: ${DEFAULT-VALUE})."
      })
  private String outboundPort = "15001";

  @Option(
      names = "--inbound-port",
      paramLabel = "PORT",
      defaultValue = "15006",
      description = {
        "The sidecar's port for connections that arrive, as",
        "its own flag says (default: ${DEFAULT-VALUE})."
      })
  private String inboundPort = "15006";

  @Option(
      names = "--proxy-uid",
      paramLabel = "UID",
      defaultValue = "1337",
      description = {
        "The user that the sidecar runs as: its own",
        "connections are left alone (default:",
        "${DEFAULT-VALUE})."
      })
  private String proxyUid = "1337";

  @Option(
      names = "--proxy-mark",
      paramLabel = "MARK",
      description = {
        "Knows the sidecar's connections by their mark",
        "instead, whatever its user is: start it with the",
        "same flag. For example 0x53a."
      })
  private @Nullable String proxyMark;

  @Option(
      names = "--exclude-inbound-ports",
      paramLabel = "PORT[-PORT]",
      split = ",",
      description = "Reached without the sidecar; 15004, 15020 and 15021 always are.")
  private List<String> inboundPorts = List.of();

  @Option(
      names = "--exclude-outbound-ports",
      paramLabel = "PORT[-PORT]",
      split = ",",
      description = "Connections to these go out as they are.")
  private List<String> outboundPorts = List.of();

  @Option(
      names = "--exclude-outbound-cidrs",
      paramLabel = "CIDR",
      split = ",",
      description = "Connections to these go out as they are, e.g. 169.254.169.254/32,fd00::/8.")
  private List<String> networks = List.of();

  @Option(
      names = "--exclude-uids",
      paramLabel = "UID",
      split = ",",
      description = "What these users open goes out as it is.")
  private List<String> uids = List.of();

  @Option(
      names = "--exclude-gids",
      paramLabel = "GID",
      split = ",",
      description = "What these groups open goes out as it is.")
  private List<String> gids = List.of();

  @Option(
      names = "--interception-mode",
      paramLabel = "REDIRECT|TPROXY",
      defaultValue = "REDIRECT",
      description = {
        "How what arrives is handed over (default:",
        "${DEFAULT-VALUE}). With TPROXY, of the sidecar too,",
        "the application sees its callers' addresses."
      })
  private InterceptionMode mode = InterceptionMode.REDIRECT;

  /** Checked; fails as a usage error. */
  Wanted wanted() {
    int out = port("--outbound-port", outboundPort);
    int in = port("--inbound-port", inboundPort);
    if (out == in) {
      throw usage("--inbound-port " + in + " is --outbound-port too (expected: two ports)");
    }
    List<Owner> owners = new ArrayList<>();
    uids.forEach(uid -> owners.add(Owner.uid(id("--exclude-uids", uid))));
    gids.forEach(gid -> owners.add(Owner.gid(id("--exclude-gids", gid))));
    return new Wanted(
        out,
        in,
        proxyMark == null ? Owner.uid(id("--proxy-uid", proxyUid)) : Owner.mark(mark(proxyMark)),
        Stream.concat(OWN.stream(), ports("--exclude-inbound-ports", inboundPorts))
            .distinct()
            .toList(),
        ports("--exclude-outbound-ports", outboundPorts).toList(),
        networks.stream().map(this::network).toList(),
        owners,
        mode == InterceptionMode.TPROXY);
  }

  private Stream<Ports> ports(String flag, List<String> texts) {
    return texts.stream().map(text -> ports(flag, text));
  }

  private Ports ports(String flag, String text) {
    int dash = text.indexOf('-');
    int first = port(flag, dash < 0 ? text : text.substring(0, dash));
    int last = dash < 0 ? first : port(flag, text.substring(dash + 1));
    if (first > last) {
      throw usage(flag + " " + text + " (expected: the lower port first)");
    }
    return new Ports(first, last);
  }

  private int port(String flag, String text) {
    if (text.matches("[0-9]{1,5}")) {
      int port = Integer.parseInt(text);
      if (port > 0 && port <= MOST_PORT) {
        return port;
      }
    }
    throw usage(flag + " " + text + " (expected: a port, 1 to 65535)");
  }

  private long id(String flag, String text) {
    if (text.matches("[0-9]{1,10}") && Long.parseLong(text) <= MOST_ID) {
      return Long.parseLong(text);
    }
    throw usage(flag + " " + text + " (expected: a number, 0 to " + MOST_ID + ")");
  }

  private Mark mark(String text) {
    Mark mark =
        Mark.of(text)
            .orElseThrow(
                () ->
                    usage(
                        "--proxy-mark "
                            + text
                            + " (expected: 1 to 0xffffffff, e.g. 1338 or 0x53a)"));
    if (mark.equals(Mark.DELIVERED) && mode == InterceptionMode.TPROXY) {
      throw usage("--proxy-mark " + text + " (expected: another one; by it TPROXY knows answers)");
    }
    return mark;
  }

  private Network network(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    boolean v4 = NetUtil.isValidIpV4Address(address);
    int most = v4 ? V4_BITS : V6_BITS;
    String bits = slash < 0 ? Integer.toString(most) : text.substring(slash + 1);
    boolean known = v4 || (NetUtil.isValidIpV6Address(address) && address.indexOf('%') < 0);
    if (!known || !bits.matches("[0-9]{1,3}") || Integer.parseInt(bits) > most) {
      throw usage(
          "--exclude-outbound-cidrs "
              + text
              + " (expected: ADDRESS/BITS, e.g. 10.0.0.0/8 or fd00::/8)");
    }
    return new Network(v4 ? Family.IPV4 : Family.IPV6, address + "/" + bits);
  }

  private ParameterException usage(String text) {
    return new ParameterException(Objects.requireNonNull(command).commandLine(), text);
  }
}
