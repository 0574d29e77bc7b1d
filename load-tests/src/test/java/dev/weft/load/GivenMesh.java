package dev.weft.load;

import java.io.IOException;

/**
 * A mesh that runs already. What is done to it is done by commands of the user's: {@code load.edit}
 * (gets the two weights as arguments), {@code load.fail}, {@code load.restore}.
 */
final class GivenMesh implements Mesh {

  private final String url;

  GivenMesh(String url) {
    this.url = url;
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public void weights(int first, int second) {
    run("load.edit", first + " " + second);
  }

  @Override
  public void fail() {
    run("load.fail", "");
  }

  @Override
  public void restore() {
    run("load.restore", "");
  }

  @Override
  public void close() {
    // it was here before
  }

  private static void run(String property, String arguments) {
    String command =
        Asked.text(property)
            .orElseThrow(() -> new IllegalStateException(property + ": no command was given"));
    try {
      Process process =
          new ProcessBuilder("sh", "-c", command + " " + arguments).inheritIO().start();
      int exit = process.waitFor();
      if (exit != 0) {
        throw new IllegalStateException(property + ": exit " + exit + " of " + command);
      }
    } catch (IOException e) {
      throw new IllegalStateException(property + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(property + ": interrupted", e);
    }
  }
}
