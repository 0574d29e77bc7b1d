/**
 * Puts a sidecar beside the containers of a pod: a pure function from a pod to a JSON patch, and
 * what reads and writes files for {@code weft inject}. Open {@link
 * dev.weft.control.inject.Injector} first.
 */
package dev.weft.control.inject;
