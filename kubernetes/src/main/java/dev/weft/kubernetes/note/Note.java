package dev.weft.kubernetes.note;

/**
 * What became of a ConfigMap's configuration.
 *
 * @param namespace of the ConfigMap
 * @param name of the ConfigMap
 * @param applied whether it serves; else it was refused
 * @param status one line for the annotation {@code weft.dev/status}, e.g. {@code applied v42}
 * @param message for the Event, some lines
 */
public record Note(String namespace, String name, boolean applied, String status, String message) {}
