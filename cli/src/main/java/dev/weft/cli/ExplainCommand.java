package dev.weft.cli;

import dev.weft.cli.admin.AdminPort;
import dev.weft.cli.admin.OneAdmin;
import dev.weft.cli.admin.Proxies;
import dev.weft.cli.admin.Telling;
import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.config.model.balance.Locality;
import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.cluster.balance.Localities;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.explain.Bearing;
import dev.weft.routing.process.explain.Explainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weft explain}: why a request or a connection goes where it goes. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Tells what would happen to a request: every rule tried and why it failed, the",
      "one that was chosen, its shares, endpoints, retries and timeouts. It asks the",
      "very function that the proxies serve with: of files, or of a running proxy",
      "with what it serves now.",
      "",
      "  ./weft explain --config dir:config/examples/canary GET \\",
      "      http://search-api.prod.svc.cluster.local/find -H 'x-user: beta'",
      "  ./weft explain GET http://search-api.prod.svc.cluster.local/find",
      "",
      "Of a connection that is not HTTP, METHOD is TCP or TLS, and URL the address",
      "and port that it was going to, or a service's host and port:",
      "",
      "  ./weft explain TCP 10.96.0.21:6379",
      "  ./weft explain TLS 203.0.113.1:443 --sni db.example.com",
      "",
      "Where Gateways open ports, a URL without a port means its scheme's own, or",
      "else the first that one opens for the scheme; that of --listen is asked for",
      "with its port.",
      "",
      "Exit 0 where something takes it and lets it in. Exit 1 where it does not get",
      "through: there is no rule for it, or a token check or an AuthorizationPolicy",
      "refuses it, at the gateway or at a workload that it may go to.",
      ""
    })
public final class ExplainCommand implements Callable<Integer> {

  private static final String DEFAULT_ACCOUNT = "default/default";

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "METHOD", description = "e.g. GET; TCP, TLS")
  private String method = "";

  @Parameters(index = "1", paramLabel = "URL", description = "absolute; ADDRESS:PORT")
  private String url = "";

  @Option(names = "-H", paramLabel = "'NAME: VALUE'", description = "A header; repeatable.")
  private List<String> headers = List.of();

  @Option(names = "--sni", paramLabel = "NAME", description = "That a TLS handshake asks for.")
  private Optional<String> serverName = Optional.empty();

  @Option(
      names = "--claim",
      paramLabel = "NAME=VALUE",
      description = {
        "A claim of a token that the request has, whose",
        "signature is right: iss, sub, ...; repeatable,",
        "with --config."
      })
  private Map<String, String> claims = Map.of();

  @Option(
      names = "--config",
      paramLabel = "SRC",
      description = {
        "dir:PATH, configmap:NAMESPACE/NAME or",
        "configmap:NAMESPACE?label=SELECTOR; repeatable.",
        "Without it the running proxy at --admin is asked."
      })
  private List<String> config = List.of();

  @Mixin private final OneAdmin admin = new OneAdmin();

  @Option(
      names = "--from",
      paramLabel = "NS/SA",
      description = {
        "The calling workload (with --config; default:",
        DEFAULT_ACCOUNT + "), or, where a control plane",
        "answers, whose proxy is asked."
      })
  private Optional<String> from = Optional.empty();

  @Option(
      names = "--labels",
      paramLabel = "K=V",
      split = ",",
      description = {
        "Labels of the calling workload, or of the gateway",
        "(default: any gateway); with --config."
      })
  private Map<String, String> labels = Map.of();

  @Option(
      names = "--locality",
      paramLabel = "REGION/ZONE/SUBZONE",
      description = "Where it stands (default: as its topology labels say); with --config.")
  private String locality = "";

  @Option(
      names = "--gateway",
      description = {
        "At the gateways' servers, instead of in the mesh;",
        "where a control plane answers, a gateway is asked."
      })
  private boolean gateway;

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandSpec command = Objects.requireNonNull(spec);
    if (config.isEmpty()) {
      List.of("--claim", "--labels", "--locality").forEach(this::ofFilesAlone);
    } else if (typed("--admin")) {
      throw new ParameterException(command.commandLine(), "--admin (expected: without --config)");
    }
    Question question = new Question(method, url, pairs(command), serverName);
    Explanation told;
    try {
      told = config.isEmpty() ? running(question) : ofFiles(command, question);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
    telling.tell(told.json(), () -> told.text().strip());
    return told.getsThrough() ? 0 : 1;
  }

  /** A running proxy has its own, which a variable of the environment may tell as well. */
  private void ofFilesAlone(String flag) {
    if (typed(flag)) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), flag + " (expected: with --config)");
    }
  }

  private boolean typed(String flag) {
    return Objects.requireNonNull(spec).commandLine().getParseResult().hasMatchedOption(flag);
  }

  private Explanation running(Question question) throws IOException, InterruptedException {
    AdminPort port = admin.port("proxy", OneAdmin.ANOTHER + ", --config dir:PATH explains files");
    List<Proxies.One> all = Proxies.of(List.of(port)).all();
    Proxies.One asked =
        all.stream()
            .filter(this::meant)
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(nobody(all)));
    Explanation told = RunningProxy.explain(asked.port(), question);
    if (!asked.listed() && typed("--from")) {
      telling.beside(
          "--from counts for nothing: " + port.at() + " is a proxy and explains its own");
    }
    return told;
  }

  /** Of the proxies that listen to a control plane the one that was named, or any gateway. */
  private boolean meant(Proxies.One one) {
    boolean named = (gateway && from.isEmpty()) || one.account().equals(account());
    return !one.listed() || (named && (!gateway || one.gateway()));
  }

  private String nobody(List<Proxies.One> all) {
    List<String> accounts =
        all.stream()
            .filter(one -> !gateway || one.gateway())
            .map(Proxies.One::account)
            .distinct()
            .sorted()
            .toList();
    return (gateway ? "--gateway" : "--from " + account())
        + " (expected: whose proxy tells it: "
        + accounts
        + ")";
  }

  private String account() {
    return from.orElse(DEFAULT_ACCOUNT);
  }

  private Explanation ofFiles(CommandSpec command, Question question)
      throws IOException, InterruptedException {
    Explainer explainer =
        new Explainer(load(), workload(command), Map.of(), Unknown.ALLOW_ANY, new Bearing(claims));
    return gateway
        ? explainer
            .atGateway(question)
            .orElseThrow(() -> new IllegalArgumentException(noServer(explainer, question)))
        : explainer.inMesh(question);
  }

  private MeshConfig load() throws IOException, InterruptedException {
    List<ConfigDocument> documents = new ArrayList<>();
    for (String source : config) {
      documents.addAll(ConfigTexts.of(source));
    }
    LoadResult result = ConfigLoader.load(documents);
    if (!result.accepted()) {
      throw new IOException(
          result.errors() + " errors in the configuration; ./weft check tells them");
    }
    return result.config();
  }

  private String noServer(Explainer explainer, Question question) {
    List<Integer> ports = explainer.gatewayPorts(question);
    if (!ports.isEmpty()) {
      return url + " (expected: a port that a Gateway opens: " + ports + ")";
    }
    String which =
        labels.isEmpty()
            ? "no Gateway opens a port"
            : "no Gateway that selects " + told(labels) + " opens a port";
    String hint =
        labels.isEmpty()
            ? "without --gateway the rules of the mesh are explained"
            : "without --labels any Gateway counts";
    return "--gateway: " + which + (question.connection() ? "" : " for HTTP") + "; " + hint;
  }

  private static String told(Map<String, String> labels) {
    return labels.entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .sorted()
        .collect(Collectors.joining(","));
  }

  private Workload workload(CommandSpec command) {
    String[] parts = account().split("/", -1);
    if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "--from " + account() + " (expected: NAMESPACE/SERVICE-ACCOUNT)");
    }
    Locality at = locality.isEmpty() ? Localities.of(labels) : Locality.parse(locality);
    return new Workload(parts[0], parts[1], "cluster.local", labels, at);
  }

  private List<Map.Entry<String, String>> pairs(CommandSpec command) {
    List<Map.Entry<String, String>> all = new ArrayList<>();
    for (String header : headers) {
      int colon = header.indexOf(':');
      if (colon < 1) {
        throw new ParameterException(
            command.commandLine(), "-H '" + header + "' (expected: 'NAME: VALUE')");
      }
      all.add(Map.entry(header.substring(0, colon).strip(), header.substring(colon + 1).strip()));
    }
    return all;
  }
}
