/**
 * What only several resources together can tell: references, shadowed rules, delegates. Open {@link
 * dev.weft.config.validate.References} first.
 */
package dev.weft.config.validate;
