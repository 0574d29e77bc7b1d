package dev.weft.routing.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.VirtualService;
import dev.weft.config.source.DirectorySource;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Every example is loaded, compiled and explained, all of them together. */
final class ExamplesTest {

  @Test
  void everyRuleOfEveryExampleDecides() throws IOException {
    List<ConfigDocument> documents = DirectorySource.read(Path.of("../config/examples"));

    LoadResult result = ConfigLoader.load(documents);

    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    RouteTable table = RouteTableCompiler.mesh(result.config(), "default", Map.of());
    for (VirtualService service : result.config().virtualServices()) {
      if (service.gateways().contains(VirtualService.MESH) && !service.http().isEmpty()) {
        AtomicInteger tried = new AtomicInteger();
        Decision decision =
            table.decide(
                new RequestHead(
                    "GET",
                    "http",
                    service.hosts().get(0),
                    "/",
                    "",
                    MultiMap.caseInsensitiveMultiMap()),
                Caller.anonymous("127.0.0.1", 1, 80, false),
                7,
                (rule, place, outcome) -> tried.incrementAndGet());
        assertThat(decision.route().name()).startsWith(service.meta().qualifiedName());
        assertThat(tried).hasPositiveValue();
      }
    }
  }
}
