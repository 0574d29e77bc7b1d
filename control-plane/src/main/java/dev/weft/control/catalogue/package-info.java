/**
 * Which Services there are, in Vert.x service discovery, for people to read; never a source of
 * endpoints. Open {@link dev.weft.control.catalogue.Catalogue} first.
 */
package dev.weft.control.catalogue;
