package dev.weft.routing.process;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.weft.routing.identity.MeshTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.handler.ssl.OpenSsl;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * What this process was started with, as the JVM itself tells it, one {@code name: value} a line.
 * Asked for by {@code --version --verbose} only; a process that serves never loads it.
 */
final class StartedWith {

  private static final int MIB = 1024 * 1024;
  private static final String C1 = "1"; // -XX:TieredStopAtLevel
  private static final String UNKNOWN = "unknown";
  private static final List<String> ARCHIVES = List.of("-XX:AOTCache=", "-XX:SharedArchiveFile=");
  private static final Path MAPPED = Path.of("/proc/self/maps");
  private static final String TCNATIVE =
      "/META-INF/maven/io.netty/netty-tcnative-boringssl-static/pom.properties";
  private static final Map<String, String> COLLECTORS =
      Map.of(
          "UseSerialGC", "Serial",
          "UseParallelGC", "Parallel",
          "UseG1GC", "G1",
          "UseZGC", "Z",
          "UseShenandoahGC", "Shenandoah");

  private final Optional<String> profile;
  private final int loops;

  /**
   * @param profile that was asked for; where none was, it is told from the compiler
   * @param loops event loops, from 1
   */
  StartedWith(Optional<String> profile, int loops) {
    this.profile = profile;
    this.loops = loops;
  }

  List<String> lines() {
    return List.of(
        "java: " + java(),
        "profile: " + profile.orElse(c1Only() ? "small" : "fast"),
        "collector: " + collector(),
        "heap: %s initial, %s max".formatted(mib("InitialHeapSize"), mib("MaxHeapSize")),
        "compiler: " + (c1Only() ? "C1 only" : "C1 and C2"),
        "archive: " + archive(ManagementFactory.getRuntimeMXBean().getInputArguments(), maps()),
        "allocator: " + allocator(),
        "tls: " + tls(),
        "transport: " + (Epoll.isAvailable() ? "epoll" : "NIO"),
        "event loops: " + loops);
  }

  /**
   * @param arguments that the JVM was given
   * @param maps what is mapped into the process; empty where that cannot be told
   */
  static String archive(List<String> arguments, String maps) {
    for (String argument : arguments) {
      for (String option : ARCHIVES) {
        if (argument.startsWith(option)) {
          String file = argument.substring(option.length());
          String kind = option.contains("AOT") ? "AOT cache" : "class archive";
          String use = maps.isEmpty() ? UNKNOWN : maps.contains(file) ? "in use" : "not in use";
          return "%s %s (%s)".formatted(kind, file, use);
        }
      }
    }
    return "none";
  }

  private static String java() {
    return "%s, %s, %s"
        .formatted(
            System.getProperty("java.vm.version"),
            System.getProperty("java.vendor"),
            System.getProperty("java.home"));
  }

  private static boolean c1Only() {
    return flag("TieredStopAtLevel").filter(C1::equals).isPresent();
  }

  private static String collector() {
    String beans =
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .map(GarbageCollectorMXBean::getName)
            .collect(Collectors.joining(", "));
    return COLLECTORS.entrySet().stream()
        .filter(one -> flag(one.getKey()).filter("true"::equals).isPresent())
        .map(Map.Entry::getValue)
        .findFirst()
        .map(name -> name + " (" + beans + ")")
        .orElse(beans);
  }

  private static String mib(String flag) {
    return flag(flag).map(bytes -> Long.parseLong(bytes) / MIB + " MiB").orElse(UNKNOWN);
  }

  private static String allocator() {
    return "%s; arenas of the pooled one: %d direct, %d heap; of malloc: %s"
        .formatted(
            ByteBufAllocator.DEFAULT.getClass().getSimpleName(),
            PooledByteBufAllocator.defaultNumDirectArena(),
            PooledByteBufAllocator.defaultNumHeapArena(),
            Optional.ofNullable(System.getenv("MALLOC_ARENA_MAX")).orElse("its default"));
  }

  private static String tls() {
    return MeshTls.boringSsl()
        ? OpenSsl.versionString() + " via netty-tcnative " + tcnative()
        : "the JDK's";
  }

  private static String tcnative() {
    try (InputStream from = OpenSsl.class.getResourceAsStream(TCNATIVE)) {
      Properties about = new Properties();
      if (from != null) {
        about.load(from);
      }
      return about.getProperty("version", UNKNOWN);
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  /** A flag of the JVM; a JVM that does not know it has no value for it. */
  private static Optional<String> flag(String name) {
    try {
      return Optional.ofNullable(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class))
          .map(jvm -> jvm.getVMOption(name).getValue());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String maps() {
    try {
      return Files.readString(MAPPED);
    } catch (IOException e) {
      return "";
    }
  }
}
