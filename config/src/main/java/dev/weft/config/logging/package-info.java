/**
 * How a line of the access log is written and which lines are: format strings with Envoy's command
 * operators, and filters in a part of CEL. Read once, before a configuration is taken, and by every
 * proxy that runs it; uses nothing of ours. Open {@link dev.weft.config.logging.LineFormat} first.
 */
package dev.weft.config.logging;
