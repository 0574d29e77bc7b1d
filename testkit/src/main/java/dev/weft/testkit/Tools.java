package dev.weft.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What tests want of a machine beside its JDK. Where it lacks, a test is skipped, which the build
 * counts. Where {@code WEFT_TEST_TOOLS=required} is set, as {@code .ci/run} does, it fails and says
 * what lacks, so that a build on which something rests leaves nothing out. For {@code @EnabledIf},
 * which each class must have itself: it is not inherited.
 */
public final class Tools {

  private static final boolean REQUIRED = "required".equals(System.getenv("WEFT_TEST_TOOLS"));
  private static final List<String> FOLDERS =
      Stream.concat(
              Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)),
              Stream.of("/usr/bin", "/usr/sbin"))
          .toList();

  private Tools() {}

  /** Whether these programs are all here, each a name or a path. */
  public static boolean installed(String... programs) {
    return there(
        Stream.of(programs)
            .filter(program -> FOLDERS.stream().noneMatch(folder -> isIn(folder, program)))
            .map(program -> program + " is not installed"));
  }

  private static boolean isIn(String folder, String program) {
    return Files.isExecutable(Path.of(folder).resolve(program)); // a whole path stays what it is
  }

  /** Whether a command is here and succeeds. */
  public static boolean runs(String... command) {
    return there(succeeds(command), "what `" + String.join(" ", command) + "` needs");
  }

  private static boolean succeeds(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Whether something is here.
   *
   * @param what its name, for who misses it
   */
  public static boolean there(boolean here, String what) {
    return there(here ? Stream.empty() : Stream.of(what + " is not here"));
  }

  /**
   * Whether nothing lacks.
   *
   * @param lacking what does, in sentences
   */
  public static boolean there(Stream<String> lacking) {
    return there(lacking.toList(), REQUIRED);
  }

  static boolean there(List<String> lacking, boolean required) {
    if (required && !lacking.isEmpty()) {
      throw new IllegalStateException(
          "WEFT_TEST_TOOLS=required, but " + String.join(", ", lacking));
    }
    return lacking.isEmpty();
  }
}
