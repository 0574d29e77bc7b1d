package dev.weft.config.model;

/**
 * An instance that a ServiceEntry selects by its labels.
 *
 * <p>Source: Istio networking/v1 {@code WorkloadEntry}. Its labels are those of the endpoint.
 */
public record WorkloadEntry(Meta meta, ServiceEntry.Endpoint endpoint) {}
