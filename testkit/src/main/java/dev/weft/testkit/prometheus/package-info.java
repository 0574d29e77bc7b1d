/** Who scrapes, for tests. Open {@link dev.weft.testkit.prometheus.PrometheusServer} first. */
package dev.weft.testkit.prometheus;
