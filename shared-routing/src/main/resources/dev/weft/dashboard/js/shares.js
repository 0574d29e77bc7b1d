/** Shares of counts, and how far they can be trusted. Pure. */

/** How many deviations to each side a normal distribution has so much within. */
const SHOWN = 1.96; // 95 %: what is told beside a share
const SURE = 2.58; // 99 %: two that have nothing in common are not so by chance
const CERTAIN = 3.89; // 99.99 %: looked at every second, and for many rules

/**
 * Between which bounds a share lies: Wilson's score interval, which holds for few requests and for shares
 * near 0 and 1 too.
 *
 * @param {number} hits
 * @param {number} all
 * @param {number} [z] how many deviations; with 95 % confidence where it is not said
 * @returns {[number, number]} both 0 to 1; all of it where nothing was counted
 */
export function interval(hits, all, z = SHOWN) {
  if (all <= 0) return [0, 1];
  const share = hits / all;
  const square = (z * z) / all;
  const middle = (share + square / 2) / (1 + square);
  const half = (z / (1 + square)) * Math.sqrt((share * (1 - share)) / all + square / (4 * all));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * Whether more fail than of others, and not by chance: the intervals of both have nothing in common.
 *
 * @param {{requests: number, failed: number}} these
 * @param {{requests: number, failed: number}} others
 */
export function worse(these, others) {
  return others.requests > 0 && these.requests > 0
    && interval(these.failed, these.requests, SURE)[0] > interval(others.failed, others.requests, SURE)[1];
}

/** Whether a share is not what was intended, and not by chance. @param {number} intended 0 to 1 */
export function off(hits, all, intended) {
  const [low, high] = interval(hits, all, CERTAIN);
  return intended < low || intended > high;
}

/**
 * Weights of which one is another; what it takes or gives is shared among the rest as they are, and all
 * of them add up to the same.
 *
 * @param {number[]} weights
 * @param {number} at which one
 * @param {number} value 0 to what all add up to
 * @returns {number[]} whole numbers
 */
export function moved(weights, at, value) {
  const sum = weights.reduce((all, one) => all + one, 0);
  const others = sum - weights[at];
  const left = sum - value;
  const exact = weights.map((one, i) => (i === at ? value
    : others > 0 ? (left * one) / others : left / (weights.length - 1)));
  const whole = exact.map(Math.floor);
  let missing = sum - whole.reduce((all, one) => all + one, 0);
  const byRest = exact.map((one, i) => [one - whole[i], i]).filter(([, i]) => i !== at).sort((a, b) => b[0] - a[0]);
  for (const [, i] of byRest) {
    if (missing-- > 0) whole[i]++;
  }
  return whole;
}
