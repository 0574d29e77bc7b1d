/** Numbers and times as people read them. Pure. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** @param {number} value @returns {string} three digits that matter, e.g. 0.12, 4.3, 87, 1,204 */
export function number(value) {
  if (value === 0) return '0';
  if (value < 1) return value.toFixed(2);
  if (value < 10) return value.toFixed(1);
  return Math.round(value).toLocaleString('en');
}

/** @param {number} share 0 to 1 @returns {string} never "100%" where something failed */
export function percent(share) {
  if (share === 1) return '100%';
  const cut = Math.floor(share * 10000) / 100;
  return `${cut < 99 ? cut.toFixed(1) : cut.toFixed(2)}%`;
}

/** @param {number} share of failures, 0 to 1 @returns {string} never "0%" where something failed */
export function failing(share) {
  if (share === 0 || share === 1) return `${share * 100}%`;
  return share < 0.001 ? '<0.1%' : portion(share);
}

/** @param {number} share 0 to 1, of which none is too good to be told @returns {string} rounded, e.g. "57.0%" */
export function portion(share) {
  return `${(100 * share).toFixed(1)}%`;
}

/** @param {number} millis @returns {string} with its unit */
export function millis(millis) {
  if (millis === 0) return '–';
  if (millis < 10) return `${millis.toFixed(1)} ms`;
  if (millis < SECOND) return `${Math.round(millis)} ms`;
  if (millis < MINUTE) return `${(millis / SECOND).toFixed(1)} s`;
  return `${(millis / MINUTE).toFixed(1)} min`;
}

/** @param {number} count @returns {string} with its unit, of 1,000 each, e.g. "4.3 MB" */
export function bytes(count) {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : number(value)} ${UNITS[unit]}`;
}

/** @param {number} millis @returns {string} of one unit, e.g. "3 min" */
export function span(millis) {
  const length = Math.abs(millis);
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`;
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min`;
  if (length < 2 * DAY) return `${Math.floor(length / HOUR)} h`;
  return `${Math.floor(length / DAY)} days`;
}

/** @param {number} then @param {number} now both since 1970 @returns {string} "3 min ago" */
export function ago(then, now) {
  return `${span(Math.max(0, now - then))} ago`;
}

/** @param {number} count @param {string} one @param {string} [many] @returns {string} "2 services" */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** @param {string} text @param {string} part @returns {boolean} whether it is in there, written large or small */
export function has(text, part) {
  return text.toLowerCase().includes(part.toLowerCase());
}

/** A proxy of a mesh in few words. @param {string} told e.g. `spiffe://cluster.local/ns/prod/sa/shop (pod shop-1)` */
export function proxyName(told) {
  return told.replace(/^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/ ]+)/, '$1/$2');
}
