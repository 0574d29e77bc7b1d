/**
 * What a proxy tells, as it changes: one snapshot, then what is different, once a second. The rest
 * of the pages reads `world` and does not know where it comes from: a control plane tells of all proxies
 * of its mesh likewise.
 *
 * @typedef {{workload: string, namespace: string, app: string, version: string, principal: string}} End
 * @typedef {{id: number, reporter: 'source'|'destination', service: string, source: End,
 *   destination: End, security: string, told: any[]}} Edge
 * @typedef {{in_flight: number, pending: number, connections: number, breaker: string,
 *   endpoints: number, healthy: number}} Upstream
 * @typedef {{requests: number, failed: number, rate: number, told: any[], before?: any[]}} Rule
 *   before: what had been told when what is live began
 * @typedef {{version: string, applied: number, sources: string[], rejected: number,
 *   errors: number, warnings: number}} Config
 * @typedef {{now: number, seconds: number, structure: number, bounds: number[], edges: Map<number, Edge>,
 *   upstreams: Map<string, Upstream>, rules: Map<string, Rule>, state: Record<string, any>}} World
 *   structure: another number whenever edges came or went
 */
import {signal} from '@preact/signals';
import {requestsOf} from './golden.js';

const LIVE = 'api/live';
const STALE_AFTER = 5000; // events come every second
const RULE_MEMORY = 10; // looks over which a rule's rate is taken

/** @type {import('@preact/signals').Signal<World | null>} null until the first snapshot */
export const world = signal(null);

/** Whether what is shown is of now. @type {import('@preact/signals').Signal<'waiting'|'live'|'lost'>} */
export const connection = signal('waiting');

/** @type {{now: number, rules: Map<string, Rule>}[]} */
let looks = [];
let heard = 0;
let structure = 0;

/** Listens for as long as the page is there. */
function listen() {
  const events = new EventSource(LIVE);
  events.addEventListener('snapshot', event => told(JSON.parse(event.data), true));
  events.addEventListener('delta', event => told(JSON.parse(event.data), false));
  events.addEventListener('error', () => {
    connection.value = 'lost';
    if (events.readyState === EventSource.CLOSED) {
      events.close(); // refused, e.g. as one too many: a browser does not try again by itself
      setTimeout(listen, STALE_AFTER);
    }
  });
  const watch = setInterval(() => {
    if (events.readyState === EventSource.CLOSED) clearInterval(watch);
    else if (performance.now() - heard > STALE_AFTER) connection.value = 'lost';
  }, 1000);
}

/** @param {any} event @param {boolean} anew */
function told(event, anew) {
  const version = world.peek()?.state.weft;
  if (anew && version && event.state.weft !== version) location.reload(); // another version came back, with other pages
  const before = anew ? null : world.peek();
  if (!anew && before === null) return;
  heard = performance.now();
  connection.value = 'live';
  if (anew) looks = [];
  if (anew || event.edges.length || event.gone.length) structure++;
  const edges = before ? before.edges : new Map();
  const ends = event.ends; // by their place in this event: many edges share one
  for (const edge of event.edges) {
    edges.set(edge.id, {...edge, source: ends[edge.source], destination: ends[edge.destination], told: [0, 0, []]});
  }
  for (const [id, counts] of event.counts) {
    const edge = edges.get(id);
    if (edge) edge.told = counts;
  }
  for (const id of event.gone) edges.delete(id);
  world.value = {
    now: event.now,
    seconds: event.seconds,
    structure,
    bounds: event.bounds ?? before?.bounds ?? [],
    edges,
    upstreams: changed(before?.upstreams, event.upstreams),
    rules: rules(changed(before?.rules, event.rules), event.now),
    state: {...before?.state, ...event.state},
  };
}

/**
 * @template T
 * @param {Map<string, T> | undefined} before
 * @param {Record<string, T | null>} told
 * @returns {Map<string, T>}
 */
function changed(before, told) {
  const all = new Map(before);
  for (const [name, value] of Object.entries(told)) {
    if (value === null) all.delete(name);
    else all.set(name, value);
  }
  return all;
}

/** Counts since the start, with the rate of the last ten seconds. */
function rules(counts, now) {
  const all = new Map();
  const earliest = looks[0];
  for (const [name, value] of counts) {
    const told = value.told ?? value;
    const [requests, failed] = [requestsOf(told) + (told[3]?.[0] ?? 0), told[0]]; // of what it is for
    const then = earliest?.rules.get(name);
    const seconds = earliest ? (now - earliest.now) / 1000 : 0;
    const rate = seconds > 0 ? (requests - (then?.requests ?? 0)) / seconds : 0;
    all.set(name, {requests, failed, rate: Math.max(0, rate), told, before: then?.told});
  }
  looks = [...looks, {now, rules: all}].slice(-RULE_MEMORY);
  return all;
}

listen(); // before the other modules are there, so that nothing waits for the first event
