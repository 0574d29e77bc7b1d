package dev.weft.kubernetes.cluster;

/**
 * One webhook of a configuration.
 *
 * @param caBundle certificates as PEM; empty where there is none
 */
public record WebhookInfo(String name, String caBundle) {}
