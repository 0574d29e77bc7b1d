package dev.weft.routing.identity;

/**
 * Whom a verified certificate names.
 *
 * @param forwarded the element of {@code x-forwarded-client-cert} that tells of it
 */
public record PeerIdentity(SpiffeId id, String forwarded) {}
