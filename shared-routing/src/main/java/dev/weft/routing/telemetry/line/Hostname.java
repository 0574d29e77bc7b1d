package dev.weft.routing.telemetry.line;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What the machine or pod is called, by its kernel: no name is looked up, which could take time.
 */
final class Hostname {

  private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");

  private Hostname() {}

  /**
   * Reads it.
   *
   * @param environment that tells it where there is no such kernel
   */
  static Optional<String> of(Map<String, String> environment) {
    try {
      return Optional.of(Files.readString(KERNEL).strip());
    } catch (IOException elsewhere) {
      return Optional.ofNullable(environment.get("HOSTNAME"));
    }
  }
}
