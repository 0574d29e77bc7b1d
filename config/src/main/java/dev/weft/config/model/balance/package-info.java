/**
 * What a DestinationRule says of where endpoints stand and whether they are well. Open {@link
 * dev.weft.config.model.balance.LocalityPolicy} first.
 */
package dev.weft.config.model.balance;
