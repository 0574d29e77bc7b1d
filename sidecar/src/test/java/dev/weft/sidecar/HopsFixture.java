package dev.weft.sidecar;

import dev.weft.testkit.FreePorts;

/** A caller's sidecar and a callee's, mTLS between them, in front of an application of the test. */
abstract class HopsFixture extends SidecarFixture {

  static final String HOST = "search.default.svc.cluster.local";

  /** Settings of proxies that wait three seconds for the head of a request. */
  static final String QUICK =
      """
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default}
      spec: {limits: {headerTimeout: 3s}}
      """;

  /** Where the caller's application calls. */
  int outbound;

  /** Where the callee's sidecar takes other proxies. */
  int inbound;

  /** The caller's. */
  int callerAdmin;

  /**
   * @param protocol of the service's port; empty where nothing says
   * @param application its port
   * @param policy of the service, of its DestinationRule
   */
  void open(String protocol, int application, String policy) throws Exception {
    open(protocol, application, policy, "");
  }

  /**
   * The same with more of a configuration.
   *
   * @param more a document, which may be empty
   */
  void open(String protocol, int application, String policy, String more) throws Exception {
    inbound = FreePorts.next();
    String config = "dir:" + config("config", entry(protocol), rule(policy), more);
    await(
        sidecar(
            FreePorts.next(),
            "--config",
            config,
            "--identity",
            "dir:" + identity("search", mesh.good(SEARCH)),
            "--service-account",
            "default/search",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + application));
    openCaller(config);
  }

  /**
   * The same, but the callee is not one of ours.
   *
   * @param callee where it takes other proxies
   */
  void openBefore(int callee, String protocol, String policy) throws Exception {
    inbound = callee;
    openCaller("dir:" + config("config", entry(protocol), rule(policy)));
  }

  private void openCaller(String config) throws Exception {
    outbound = FreePorts.next();
    callerAdmin = FreePorts.next();
    await(
        sidecar(
            callerAdmin,
            "--config",
            config,
            "--identity",
            "dir:" + identity("caller", mesh.good(CALLER)),
            "--service-account",
            "default/caller",
            "--outbound",
            "127.0.0.1:" + outbound));
  }

  private String entry(String protocol) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: search}
        spec:
          hosts: [search.default.svc.cluster.local]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: api%s}]
          endpoints:
          - {address: 127.0.0.1, ports: {api: %d}, serviceAccount: search}
        """
        .formatted(protocol.isEmpty() ? "" : ", protocol: " + protocol, inbound);
  }

  private static String rule(String policy) {
    return """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: search}
        spec: {host: search.default.svc.cluster.local, trafficPolicy: {%s}}
        """
        .formatted(policy);
  }
}
