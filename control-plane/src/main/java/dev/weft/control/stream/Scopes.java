package dev.weft.control.stream;

import dev.weft.config.model.MeshConfig;
import java.util.List;

/**
 * What of a configuration a proxy of a namespace gets to see: what is exported to it, and no
 * Secret.
 */
final class Scopes {

  private Scopes() {}

  static MeshConfig of(MeshConfig config, String namespace) {
    return new MeshConfig(
        config.virtualServices().stream().filter(one -> sees(one.exportTo(), namespace)).toList(),
        config.destinationRules().stream().filter(one -> sees(one.exportTo(), namespace)).toList(),
        config.gateways(),
        config.serviceEntries().stream().filter(one -> sees(one.exportTo(), namespace)).toList(),
        config.workloadEntries(),
        config.peerAuthentications(),
        config.sidecars(),
        config.proxySettings(),
        config.services(),
        config.endpointSlices(),
        List.of());
  }

  private static boolean sees(List<String> exportTo, String namespace) {
    return exportTo.contains("*") || exportTo.contains(namespace);
  }
}
