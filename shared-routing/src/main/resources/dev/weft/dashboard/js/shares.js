/** Shares of counts, and how far they can be trusted. Pure. */

const Z = 1.96; // of a normal distribution, 95 % lie within

/**
 * Between which bounds a share lies with 95 % confidence: Wilson's score interval, which holds for few
 * requests and for shares near 0 and 1 too.
 *
 * @param {number} hits
 * @param {number} all
 * @returns {[number, number]} both 0 to 1; all of it where nothing was counted
 */
export function interval(hits, all) {
  if (all <= 0) return [0, 1];
  const share = hits / all;
  const square = Z * Z / all;
  const middle = (share + square / 2) / (1 + square);
  const half = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / all + square / (4 * all));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * Whether more fail than before, and not by chance: the intervals of both have nothing in common.
 *
 * @param {{requests: number, failed: number}} now
 * @param {{requests: number, failed: number}} before
 */
export function worse(now, before) {
  return before.requests > 0 && now.requests > 0
    && interval(now.failed, now.requests)[0] > interval(before.failed, before.requests)[1];
}
