package dev.weft.routing.cluster;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a cluster that nobody lists: each is where some connection was going. At most
 * {@link #MOST} are known; beyond them one that nobody uses now goes for each that comes, and its
 * kept connections with it. Any thread may enter; an address that is known costs one look-up and no
 * lock.
 */
final class Originals {

  static final int MOST = 1024;

  private final Map<InetSocketAddress, Endpoint> all = new ConcurrentHashMap<>();
  private volatile Optional<UpstreamTls> tls = Optional.empty();

  /** How they are reached from now on; empty for not at all. Those that are known otherwise go. */
  synchronized void use(Optional<UpstreamTls> wanted) {
    if (!tls.equals(wanted)) {
      tls = wanted;
      List<Endpoint> before = List.copyOf(all.values());
      all.clear();
      before.forEach(Endpoint::leave);
    }
  }

  /** The one at an address; empty where none is reached so. */
  Optional<Endpoint> at(InetSocketAddress address) {
    @Nullable Endpoint known = all.get(address);
    if (known != null) {
      return known.picked();
    }
    return tls.isEmpty() ? Optional.empty() : added(address);
  }

  private synchronized Optional<Endpoint> added(InetSocketAddress address) {
    @Nullable Endpoint known = all.get(address);
    if (known != null || tls.isEmpty()) {
      return known == null ? Optional.empty() : known.picked();
    }
    if (all.size() >= MOST) {
      makeRoom();
    }
    String host = NetUtil.toAddressString(address.getAddress());
    Endpoint made = new Endpoint(host, address.getPort(), Map.of(), "", 1, tls.get());
    all.put(address, made);
    return made.picked();
  }

  private void makeRoom() {
    InetSocketAddress goes =
        all.entrySet().stream()
            .filter(one -> one.getValue().inFlight().get() == 0)
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseGet(() -> all.keySet().iterator().next());
    @Nullable Endpoint gone = all.remove(goes);
    if (gone != null) {
      gone.leave();
    }
  }

  /** These, and all of its own. */
  List<Endpoint> beside(List<Endpoint> listed) {
    return all.isEmpty() ? listed : Stream.concat(listed.stream(), all.values().stream()).toList();
  }
}
