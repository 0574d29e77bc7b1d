/**
 * How often each rule was chosen. Floor 2; open {@link dev.weft.routing.telemetry.rule.RuleCounts}
 * first.
 */
@NullMarked
package dev.weft.routing.telemetry.rule;

import org.jspecify.annotations.NullMarked;
