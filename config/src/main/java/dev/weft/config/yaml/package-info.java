/**
 * YAML as nodes that know their places, and fields read from them with every fault noted. Open
 * {@link dev.weft.config.yaml.Fields} first.
 */
package dev.weft.config.yaml;
