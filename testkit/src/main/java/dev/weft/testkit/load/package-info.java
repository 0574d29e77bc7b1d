/**
 * A load client for tests: an open arrival rate over kept, new and HTTP/2 connections, to this
 * machine alone, every failure kept with its reason. Open {@link dev.weft.testkit.load.LoadRun}
 * first.
 */
package dev.weft.testkit.load;
