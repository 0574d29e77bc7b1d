/**
 * What keeps a failure small: retry policies and budgets, circuit breakers. Floor 2. Open {@link
 * dev.weft.routing.resilience.RetryBudget} first.
 */
package dev.weft.routing.resilience;
