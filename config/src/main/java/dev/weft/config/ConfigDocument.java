package dev.weft.config;

/**
 * A text to load.
 *
 * @param unit the unit of refusal that it belongs to: a folder, or one ConfigMap. An error in one
 *     text refuses all texts of its unit
 * @param name as the user knows it, for places: a path, or {@code configmap:prod/routes#a.yaml}
 * @param text one or more YAML documents
 */
public record ConfigDocument(String unit, String name, String text) {}
