/** A real Redis for tests. Open {@link dev.weft.testkit.redis.RedisServer} first. */
package dev.weft.testkit.redis;
