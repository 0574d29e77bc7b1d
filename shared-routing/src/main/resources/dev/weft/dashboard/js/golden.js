/**
 * Golden signals: how many requests, how many failed, how long they took; and how many connections that
 * are not HTTP, and their bytes. Kept as counts by bucket, so that those of several edges, versions or
 * proxies can be added up. Pure.
 *
 * @typedef {{failed: number, refused: number, buckets: Float64Array, opened: number, sent: number,
 *   received: number}} Golden bytes are sent to callers, and received from them
 */

/** One more bucket than there are bounds: the last has none. */
const BUCKETS = 20;

/** @returns {Golden} */
export function none() {
  return {failed: 0, refused: 0, buckets: new Float64Array(BUCKETS), opened: 0, sent: 0, received: 0};
}

/** @param {Golden} sum that grows @param {any[]} told as a proxy tells it: [failed, refused, [bucket, count ...],
 * [opened, closed, sent, received]], the last one only where there was such */
export function add(sum, told) {
  sum.failed += told[0];
  sum.refused += told[1];
  const sparse = told[2];
  for (let i = 0; i < sparse.length; i += 2) {
    sum.buckets[sparse[i]] += sparse[i + 1];
  }
  if (told[3]) {
    sum.opened += told[3][0];
    sum.sent += told[3][2];
    sum.received += told[3][3];
  }
}

/** Bytes both ways of connections that are not HTTP. @param {Golden} golden @returns {number} */
export function bytesOf(golden) {
  return golden.sent + golden.received;
}

/**
 * What came between two moments; all of it where the counts began anew.
 *
 * @param {any[]} told
 * @param {any[]} [earlier]
 * @returns {Golden}
 */
export function since(told, earlier = [0, 0, []]) {
  const came = none();
  add(came, told);
  const before = none();
  add(before, earlier);
  if (came.buckets.some((count, i) => count < before.buckets[i])) return came;
  came.failed -= before.failed;
  came.refused -= before.refused;
  came.buckets.forEach((count, i) => { came.buckets[i] = count - before.buckets[i]; });
  came.opened -= before.opened;
  came.sent -= before.sent;
  came.received -= before.received;
  return came;
}

/** @param {Golden} golden @returns {number} */
export function requests(golden) {
  let sum = 0;
  for (const count of golden.buckets) sum += count;
  return sum;
}

/** @param {any[]} told @returns {number} requests, without adding anything up */
export function requestsOf(told) {
  let sum = 0;
  for (let i = 1; i < told[2].length; i += 2) sum += told[2][i];
  return sum;
}

/**
 * The duration below which a share of the requests stayed, by straight line within its bucket, as
 * Prometheus' histogram_quantile does it and `weft top`.
 *
 * @param {Golden} golden
 * @param {number} share 0 to 1
 * @param {number[]} bounds in milliseconds
 * @returns {number} milliseconds; 0 where there was no request
 */
export function quantile(golden, share, bounds) {
  const total = requests(golden);
  if (total === 0) return 0;
  const rank = share * total;
  let below = 0;
  for (let i = 0; i < bounds.length; i++) {
    const count = golden.buckets[i];
    if (count > 0 && below + count >= rank) {
      const lower = i === 0 ? 0 : bounds[i - 1];
      return lower + ((bounds[i] - lower) * (rank - below)) / count;
    }
    below += count;
  }
  return bounds[bounds.length - 1];
}
