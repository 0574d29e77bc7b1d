/**
 * Who listens to this control plane, what each was told and said, and who left. Open {@link
 * dev.weft.control.proxies.Proxies} first.
 */
@NullMarked
package dev.weft.control.proxies;

import org.jspecify.annotations.NullMarked;
