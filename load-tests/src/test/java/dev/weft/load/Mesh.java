package dev.weft.load;

/** What a simulation needs of a mesh: where to ask, and what may be done to it meanwhile. */
interface Mesh extends AutoCloseable {

  /** The host that requests name. */
  String HOST = "search-api.prod.svc.cluster.local";

  /** The response header by which an instance says its version, {@code v1} or {@code v2}. */
  String VERSION = "x-version";

  /** The response header by which an instance says which one it is. */
  String INSTANCE = "x-instance";

  /**
   * The response header by which the route says the weights it has, {@code 95/5}. A running mesh
   * may leave it out; then an edit is taken to be in effect half a second after its command ended.
   */
  String WEIGHTS = "x-weights";

  /** Starts one here, or takes the one that runs already. */
  static Mesh get() {
    return Asked.target().<Mesh>map(GivenMesh::new).orElseGet(LocalMesh::start);
  }

  /** {@code http://HOST:PORT} of the gateway. */
  String url();

  /** Edits the canary's two weights. */
  void weights(int first, int second);

  /** Ends one instance of v1. */
  void fail();

  /** Starts that instance again. */
  void restore();

  @Override
  void close();
}
