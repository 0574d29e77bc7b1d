import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.instruction.LocalVariable;
import java.lang.classfile.instruction.LocalVariableType;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar without the names of local variables, which debuggers alone read: an archive of its
 * classes holds them all the same, and all of an archive is resident. Lines stay, for stack traces.
 * What cannot be told without classes that are not there is copied as it is.
 *
 * <p>Run by the launcher from its source; needs Java 24 or later. {@code SlimJar.java FROM TO}
 */
final class SlimJar {

  private static final ClassTransform SLIM =
      ClassTransform.transformingMethodBodies(
          (code, element) -> {
            if (!(element instanceof LocalVariable || element instanceof LocalVariableType)) {
              code.with(element);
            }
          });

  private SlimJar() {}

  public static void main(String[] line) throws IOException {
    Path from = Path.of(line[0]);
    try (URLClassLoader classes = new URLClassLoader(new URL[] {from.toUri().toURL()});
        ZipFile jar = new ZipFile(from.toFile());
        ZipOutputStream slim = new ZipOutputStream(Files.newOutputStream(Path.of(line[1])))) {
      ClassFile reader =
          ClassFile.of(
              ConstantPoolSharingOption.NEW_POOL,
              ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(classes)
                      .orElse(ClassHierarchyResolver.defaultResolver())
                      .cached()));
      for (ZipEntry entry : Collections.list(jar.entries())) {
        ZipEntry copied = new ZipEntry(entry.getName());
        copied.setTime(entry.getTime());
        slim.putNextEntry(copied);
        try (InputStream in = jar.getInputStream(entry)) {
          slim.write(slim(reader, entry.getName(), in.readAllBytes()));
        }
        slim.closeEntry();
      }
    }
  }

  private static byte[] slim(ClassFile reader, String name, byte[] bytes) {
    if (!name.endsWith(".class")) {
      return bytes;
    }
    try {
      return reader.transformClass(reader.parse(bytes), SLIM);
    } catch (IllegalArgumentException | IllegalStateException e) {
      return bytes;
    }
  }
}
