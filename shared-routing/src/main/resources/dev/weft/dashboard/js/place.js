/**
 * Where in the pages one is. All of it stands in the address, so that it can be sent to somebody:
 * `#/service/search.prod?version=v2`.
 *
 * @typedef {{page: string, of: string, query: URLSearchParams}} Place
 */
import {signal} from '@preact/signals';

/** The port that a command on this machine would have to be told; empty where it finds it, or cannot reach it. */
export const ADMIN = location.protocol === 'http:' && !location.pathname.includes('/proxies/')
  && ['127.0.0.1', 'localhost', '[::1]'].includes(location.hostname) && location.port !== '15000' ? location.port : '';

/** @type {import('@preact/signals').Signal<Place>} */
export const place = signal(read());

/** @returns {Place} */
function read() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [page, ...of] = path.split('/');
  return {page, of: decoded(of.join('/')), query: new URLSearchParams(query)};
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

addEventListener('hashchange', () => {
  place.value = read();
});

/** @param {string} page @param {string} [of] @param {Record<string, string>} [query] @returns {string} an address */
export function to(page, of = '', query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== '');
  const tail = kept.length ? `?${new URLSearchParams(kept)}` : '';
  return `#/${page}${of ? `/${encodeURIComponent(of)}` : ''}${tail}`;
}

/** Changes the query of the page that is shown, without a step in the history. @param {Record<string, string>} changes */
export function query(changes) {
  const now = place.peek();
  const all = {...Object.fromEntries(now.query), ...changes};
  history.replaceState(null, '', to(now.page, now.of, all));
  place.value = read();
}
