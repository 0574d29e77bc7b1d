/**
 * {@code weft intercept}: the rules by which the kernel hands a workload's connections to its
 * sidecar. {@link dev.weft.sidecar.intercept.Rules} says what is written; open it first.
 */
package dev.weft.sidecar.intercept;
