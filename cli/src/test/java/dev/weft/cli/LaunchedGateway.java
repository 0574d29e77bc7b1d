package dev.weft.cli;

import dev.weft.testkit.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A gateway as a process of its own, on ports that are known before it is started. */
final class LaunchedGateway implements AutoCloseable {

  final int port;
  private final AdminApi admin;
  private final Launched launched;

  private LaunchedGateway(int port, AdminApi admin, Launched launched) {
    this.port = port;
    this.admin = admin;
    this.launched = launched;
  }

  /**
   * @param output a folder for what it prints
   * @param config the folder that it serves
   */
  static LaunchedGateway start(Path output, Path config, String... flags) throws IOException {
    return start(output, config, Map.of(), flags);
  }

  /**
   * @param variables of its environment
   */
  static LaunchedGateway start(
      Path output, Path config, Map<String, String> variables, String... flags) throws IOException {
    int port = FreePorts.next();
    AdminApi admin = new AdminApi(FreePorts.next());
    List<String> line =
        new ArrayList<>(
            List.of("gateway", "--config", "dir:" + config, "--listen", "127.0.0.1:" + port));
    line.addAll(List.of(flags));
    Map<String, String> all = new HashMap<>(variables);
    all.put("WEFT_ACCESS_LOG", "off");
    all.put("WEFT_ADMIN", admin.address());
    Launched launched = Launched.weft(output, all, line.toArray(String[]::new));
    return new LaunchedGateway(port, admin, launched);
  }

  Launched process() {
    return launched;
  }

  /** Of its admin port. */
  String adminAddress() {
    return admin.address();
  }

  /** What the admin API answers: status and body. */
  String admin(String path) throws IOException, InterruptedException {
    return admin.get(path);
  }

  @Override
  public void close() {
    launched.close();
  }
}
