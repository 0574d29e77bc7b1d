package dev.weft.routing.process;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Every flag has an environment variable: {@code --state-dir} is {@code WEFT_STATE_DIR}. The flag
 * wins over the variable, the variable over the default. {@code --help} and {@code --version} have
 * none, since a variable such as WEFT_VERSION may be there for another reason.
 */
public final class Environment implements IDefaultValueProvider {

  private final Map<String, String> variables;

  public Environment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (argument instanceof OptionSpec option && !option.usageHelp() && !option.versionHelp()) {
      return variables.get(variable(option.longestName()));
    }
    return null;
  }

  private static String variable(String flag) {
    return "WEFT_" + flag.replaceFirst("^-+", "").replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
