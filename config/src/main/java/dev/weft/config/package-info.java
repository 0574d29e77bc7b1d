/**
 * From YAML to a checked {@link dev.weft.config.model.MeshConfig}: words, no wires. Pure Java.
 * Floors from the top: loader, {@code istio}, {@code validate} and {@code source}, {@code model},
 * {@code problem}.
 */
package dev.weft.config;
