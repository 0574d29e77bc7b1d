package dev.weft.sidecar.intercept;

/** How the kernel hands over what arrives. Source: Istio's {@code interceptionMode}. */
public enum InterceptionMode {
  /** It is told that it was meant for the sidecar, and comes to the application from loopback. */
  REDIRECT,

  /** It keeps its addresses, and comes to the application from its caller's. */
  TPROXY
}
