package dev.weft.cli.doctor;

import dev.weft.routing.process.HostPort;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A control plane that runs, asked by its admin port; five seconds at most. Blocks. */
final class ControlAdmin {

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String HINT =
      "kubectl port-forward to the --admin port (15000) of a control plane's pod opens it";

  private final HostPort at;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  ControlAdmin(HostPort at) {
    this.at = at;
  }

  /** Of all replicas, one after the other; a proxy listens to one of them. */
  static List<Finding> proxies(List<ControlAdmin> replicas) {
    List<Finding> all = new ArrayList<>();
    boolean heard = false;
    for (ControlAdmin one : replicas) {
      List<Finding> its = one.proxies();
      boolean nobody = its.equals(ProxyChecks.NOBODY);
      heard |= !nobody;
      if (replicas.size() == 1) {
        return its;
      }
      all.addAll(nobody ? List.of() : its.stream().map(it -> it.at(one.at.toString())).toList());
    }
    return heard ? all : ProxyChecks.NOBODY;
  }

  /** What is to be said of the proxies that listen to it. */
  List<Finding> proxies() {
    return asked("/proxies", ProxyChecks::of, Optional.empty());
  }

  /**
   * What is to be said of its catalogue; nothing where it has none.
   *
   * @param services of the cluster, each with its ports, by NAMESPACE/NAME
   */
  List<Finding> catalogue(Map<String, List<String>> services) {
    return asked("/services", told -> CatalogueChecks.of(told, services), Optional.of(List.of()));
  }

  /**
   * @param absent what is to be said where there is no such path; empty for a failure
   */
  private List<Finding> asked(
      String path, Function<JsonObject, List<Finding>> look, Optional<List<Finding>> absent) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + at + path)).timeout(PATIENCE).build();
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() == 404 && absent.isPresent()) {
        return absent.get();
      }
      if (answer.statusCode() != 200) {
        return failed("answers " + path + " with status " + answer.statusCode());
      }
      return look.apply(new JsonObject(answer.body()));
    } catch (DecodeException | ClassCastException e) {
      return failed("is no control plane's admin port");
    } catch (IOException e) {
      return failed("does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed("was not waited for");
    }
  }

  private List<Finding> failed(String what) {
    return List.of(Finding.fail("--control " + at + " " + what, HINT));
  }
}
