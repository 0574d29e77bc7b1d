/**
 * What was asked for, checked: Istio's resources as values that never change. Uses {@code problem}
 * only. Open {@link dev.weft.config.model.MeshConfig} first.
 *
 * <p>Values are as written, after the defaults that {@code SEMANTICS} gives to a field that is
 * absent where the default is a plain value; where absence itself means something, the component is
 * an {@code Optional}. Names of hosts are already resolved to full names, and lower case.
 */
package dev.weft.config.model;
