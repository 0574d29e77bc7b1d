/**
 * The buckets of shared rate limits, kept in a Redis. Floor 4; nothing of it is loaded before a
 * limit asks for it. Open {@link dev.weft.routing.transport.redis.RedisLink} first.
 */
@NullMarked
package dev.weft.routing.transport.redis;

import org.jspecify.annotations.NullMarked;
