/**
 * Rules of AuthorizationPolicies that do nothing, each with a request that shows it where there is
 * one. Open {@link dev.weft.routing.process.lint.policy.PolicyLint} first.
 */
package dev.weft.routing.process.lint.policy;
