package dev.weft.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The configuration of the demo: a folder of YAML that the user may edit while it runs. */
final class DemoConfig {

  static final String HOST = "search-api.prod.svc.cluster.local";

  private static final String VIRTUAL_SERVICE =
      """
      apiVersion: networking.istio.io/v1alpha3
      kind: VirtualService
      metadata:
        name: search-service
      spec:
        hosts:
        - search-api.prod.svc.cluster.local
        http:
        - route:
          - destination:
              host: search-service
              subset: v1
            weight: V1
          - destination:
              host: search-service
              subset: v2
            weight: V2
      """;
  private static final String DESTINATION_RULE =
      """
      # what the subsets of the search service are: endpoints by their label
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata:
        name: search-service
      spec:
        host: search-service
        subsets:
        - {name: v1, labels: {version: v1}}
        - {name: v2, labels: {version: v2}}
      """;
  private static final String SERVICE_ENTRY =
      """
      # where the two versions of the search service are: each behind a sidecar, reached over mTLS
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata:
        name: search-service
      spec:
        hosts: [search-service]
        location: MESH_INTERNAL
        resolution: STATIC
        ports:
        - {number: 80, name: http, protocol: HTTP}
        endpoints:
      """;

  private final Path folder;

  /**
   * @param inbound ports of the four sidecars, two of v1 and two of v2
   */
  DemoConfig(Path folder, List<Integer> inbound) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder);
    StringBuilder entry = new StringBuilder(SERVICE_ENTRY);
    for (int i = 0; i < inbound.size(); i++) {
      entry.append("  - {address: 127.0.0.1, ports: {http: ").append(inbound.get(i));
      entry.append("}, labels: {app: search, version: ").append(DemoMesh.version(i));
      entry.append("}, serviceAccount: search}\n");
    }
    write("serviceentry.yaml", entry.toString());
    write("destinationrule.yaml", DESTINATION_RULE);
    weights("95", "5");
  }

  Path folder() {
    return folder;
  }

  /** Writes the document anew with other weights, as an editor does. */
  void weights(String v1, String v2) throws IOException {
    write("virtualservice.yaml", VIRTUAL_SERVICE.replace("V1", v1).replace("V2", v2));
  }

  private void write(String name, String text) throws IOException {
    Path draft = folder.resolve("." + name + ".draft");
    Files.writeString(draft, text);
    Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }
}
