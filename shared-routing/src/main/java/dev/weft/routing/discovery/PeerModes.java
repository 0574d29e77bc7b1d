package dev.weft.routing.discovery;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.PeerAuthentication;
import dev.weft.config.model.PeerAuthentication.Mode;
import dev.weft.routing.exchange.Workload;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Whether a port of a workload takes plaintext: its port's mode, else its own, else its
 * namespace's, else the mesh's, else STRICT. Of several at one level the oldest counts.
 *
 * <p>Source: Istio {@code PeerAuthentication}; the default is Weft's own.
 */
public final class PeerModes {

  private PeerModes() {}

  /**
   * @param port of the workload
   */
  public static Mode mode(MeshConfig config, Workload workload, int port) {
    List<PeerAuthentication> all = config.peerAuthentications();
    boolean root = Meta.ROOT_NAMESPACES.contains(workload.namespace());
    Optional<PeerAuthentication> own =
        first(
            all,
            one ->
                !one.selector().isEmpty()
                    && one.meta().namespace().equals(workload.namespace())
                    && !root
                    && workload.labels().entrySet().containsAll(one.selector().entrySet()));
    Optional<Mode> atPort =
        own.map(one -> one.portLevel().getOrDefault(port, Mode.UNSET)).filter(PeerModes::set);
    return atPort
        .or(() -> own.map(PeerAuthentication::mode).filter(PeerModes::set))
        .or(() -> level(all, one -> one.meta().namespace().equals(workload.namespace())))
        .or(() -> level(all, one -> Meta.ROOT_NAMESPACES.contains(one.meta().namespace())))
        .orElse(Mode.STRICT);
  }

  private static Optional<Mode> level(
      List<PeerAuthentication> all, Predicate<PeerAuthentication> at) {
    return first(all, one -> one.selector().isEmpty() && at.test(one))
        .map(PeerAuthentication::mode)
        .filter(PeerModes::set);
  }

  private static Optional<PeerAuthentication> first(
      List<PeerAuthentication> all, Predicate<PeerAuthentication> wanted) {
    return all.stream().filter(wanted).findFirst();
  }

  private static boolean set(Mode mode) {
    return mode != Mode.UNSET;
  }
}
