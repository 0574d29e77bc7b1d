package dev.weft.control.inject;

/**
 * What is the same for every pod.
 *
 * @param image of the sidecar, whose entry point is {@code weft}
 * @param control {@code HOST:PORT} of the control plane
 * @param nativeSidecar an init container that stays, which Kubernetes knows from 1.29 on; otherwise
 *     a container among the others
 */
public record InjectSettings(
    String image, String control, String trustDomain, boolean nativeSidecar) {}
