/**
 * Certificates and keys in files that others write, for connections to the outside. Floor 2. Open
 * {@link dev.weft.routing.identity.file.OutsideTls} first.
 */
@NullMarked
package dev.weft.routing.identity.file;

import org.jspecify.annotations.NullMarked;
