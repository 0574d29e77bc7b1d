package dev.weft.cli.history;

import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** {@code weft config}: its subcommands. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    scope = ScopeType.LOCAL,
    subcommands = {DiffCommand.class, HistoryCommand.class, RollbackCommand.class},
    description = {
      "The configuration of what runs: what a file would change, what served before,",
      "the way back.",
      ""
    })
public final class ConfigCommand {}
