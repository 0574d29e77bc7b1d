package dev.weft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of configuration whose one rule leads {@code shop.test} to one service. */
final class ShopFolder {

  private ShopFolder() {}

  /**
   * Makes it.
   *
   * @param folder of which it becomes the folder {@code config}
   * @param backend the service's port of loopback
   */
  static Path in(Path folder, int backend) throws IOException {
    Path config = Files.createDirectory(folder.resolve("config"));
    Files.writeString(
        config.resolve("shop.yaml"),
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: shop}
        spec: {hosts: [shop.test], http: [{route: [{destination: {host: backend.test}}]}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: backend}
        spec:
          hosts: [backend.test]
          resolution: STATIC
          ports: [{number: 80, name: http}]
          endpoints: [{address: 127.0.0.1, ports: {http: %d}}]
        """
            .formatted(backend));
    return config;
  }

  /** Makes it, with the {@code spec} of ProxySettings too. */
  static Path in(Path folder, int backend, String settings) throws IOException {
    Path config = in(folder, backend);
    Files.writeString(
        config.resolve("settings.yaml"),
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: %s
        """
            .formatted(settings));
    return config;
  }
}
