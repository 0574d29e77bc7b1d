/**
 * Services, who calls them and what is wrong with them, out of what proxies tell. Pure.
 *
 * A request is told once: by its caller's proxy where that tells, since only it knows of requests that
 * reached nobody; else by the service's own.
 *
 * @typedef {import('./live.js').World} World
 * @typedef {import('./live.js').Edge} Edge
 * @typedef {import('./golden.js').Golden} Golden
 * @typedef {'bad'|'warn'|'ok'|'idle'} Level
 * @typedef {{name: string, golden: Golden, requests: number}} Version
 * @typedef {{host: string, level: Level, why: string, golden: Golden,
 *   requests: number, rate: number, bytes: number, opened: number, success: number, p50: number, p90: number, p99: number,
 *   inFlight: number, pending: number, endpoints: number, ill: number, down: boolean, breaker: string,
 *   versions: Version[], edges: Edge[], upstreams: string[]}} Service
 *   bytes and opened: of connections that are not HTTP, a second
 * @typedef {{level: Level, text: string, href: string, command: string}} Finding
 */
import {add, bytesOf, none, quantile, requests} from './golden.js';
import {counted, failing, span} from './format.js';
import {to} from './place.js';
import {serviceName} from './ui.js';

const BAD_FROM = 0.05; // of the requests fail
const WARN_FROM = 0.01;
const MOSTLY = 0.9; // of what fails
const WARN_OF_LIFE = 0.2; // of a certificate is left

/** @param {string} upstream e.g. `outbound|80|v1|search.prod` @returns {string} its host */
export function hostOf(upstream) {
  return upstream.slice(upstream.lastIndexOf('|') + 1);
}

/** @param {string} rule its name @returns {boolean} whether it is for connections that are not HTTP */
export function carries(rule) {
  return /#(tcp|tls)\[\d+\]$/.test(rule);
}

/** @param {Edge} edge @returns {boolean} whether both ends proved who they are */
export function proved(edge) {
  return edge.security === 'mutual_tls' || edge.destination.principal.startsWith('spiffe://');
}

/**
 * @param {World} world
 * @param {Map<string, number>} kept by how much each was asked before, which is changed
 * @returns {Service[]} what is wrong first, then by how much is asked
 */
export function servicesOf(world, kept) {
  /** @type {Map<string, Service>} */
  const services = new Map();
  for (const edge of world.edges.values()) service(services, edge.service).edges.push(edge);
  for (const [name, upstream] of world.upstreams) {
    if (!name.startsWith('outbound|')) continue;
    const of = service(services, hostOf(name));
    of.upstreams.push(name);
    of.inFlight += upstream.in_flight;
    of.pending += upstream.pending;
    of.endpoints = Math.max(of.endpoints, upstream.endpoints);
    of.ill = Math.max(of.ill, upstream.endpoints - upstream.healthy);
    of.down ||= upstream.endpoints > 0 && upstream.healthy === 0;
    if (rank(upstream.breaker) > rank(of.breaker)) of.breaker = upstream.breaker;
  }
  const all = [...services.values()].map(one => summed(one, world));
  for (const host of kept.keys()) if (!services.has(host)) kept.delete(host);
  const order = {bad: 0, warn: 1, ok: 2, idle: 3};
  const asked = new Map(all.map(one => [one.host, magnitude(kept, one.host, one.rate)]));
  return all.sort((a, b) =>
    order[a.level] - order[b.level] || asked.get(b.host) - asked.get(a.host) || (a.host < b.host ? -1 : 1));
}

/** In doublings, so that what is ordered by it does not jump about all the time. @param {number} rate */
export function magnitude(kept, name, rate) {
  return settled(kept, name, Math.log2(1 + rate));
}

const HELD = 1; // twice what rounding does

/**
 * The whole number next to another one. It stays what it was until it is off by more than one: what hovers
 * between two would flicker.
 *
 * @param {Map<string, number>} kept by name, which is changed
 * @param {string} name
 * @param {number} exact
 * @param {number} [loose] part of it that is as good as nothing
 */
export function settled(kept, name, exact, loose = 0) {
  const before = kept.get(name);
  if (before !== undefined && Math.abs(exact - before) <= Math.max(HELD, before * loose)) return before;
  const now = Math.round(exact);
  kept.set(name, now);
  return now;
}

function rank(breaker) {
  return ['closed', 'half-open', 'open'].indexOf(breaker);
}

/** @returns {Service} */
function service(services, host) {
  let known = services.get(host);
  if (!known) {
    known = {host, level: 'idle', why: '', golden: none(), requests: 0, rate: 0, bytes: 0, opened: 0,
      success: 1, p50: 0, p90: 0, p99: 0, inFlight: 0, pending: 0, endpoints: 0, ill: 0, down: false,
      breaker: 'closed', versions: [], edges: [], upstreams: []};
    services.set(host, known);
  }
  return known;
}

/** @param {Service} one @param {World} world @returns {Service} */
function summed(one, world) {
  const versions = new Map();
  for (const edge of one.edges) {
    add(one.golden, edge.told);
    const name = edge.destination.version;
    if (!versions.has(name)) versions.set(name, none());
    add(versions.get(name), edge.told);
  }
  one.versions = [...versions]
    .map(([name, golden]) => ({name, golden, requests: requests(golden)}))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  one.requests = requests(one.golden);
  one.rate = one.requests / world.seconds;
  one.bytes = bytesOf(one.golden) / world.seconds;
  one.opened = one.golden.opened / world.seconds;
  one.success = one.requests ? 1 - one.golden.failed / one.requests : 1;
  one.p50 = quantile(one.golden, 0.5, world.bounds);
  one.p90 = quantile(one.golden, 0.9, world.bounds);
  one.p99 = quantile(one.golden, 0.99, world.bounds);
  [one.level, one.why] = judged(one);
  return one;
}

/** @param {Service} one @returns {[Level, string]} */
function judged(one) {
  const failed = one.requests ? one.golden.failed / one.requests : 0;
  if (failed >= BAD_FROM) return ['bad', `${failing(failed)} of its requests fail${culprit(one)}`];
  if (one.breaker === 'open') return ['bad', 'its circuit breaker is open'];
  if (one.down) return ['bad', 'no endpoint of one of its versions is healthy'];
  if (failed >= WARN_FROM) return ['warn', `${failing(failed)} of its requests fail${culprit(one)}`];
  if (one.breaker === 'half-open') return ['warn', 'its circuit breaker tries again'];
  if (one.ill > 0) return ['warn', `${one.ill} of ${counted(one.endpoints, 'endpoint')} gets no requests`];
  return [one.requests || one.bytes || one.opened ? 'ok' : 'idle', ''];
}

/** Where one of several versions is to blame. @param {Service} one @returns {string} */
function culprit({versions, golden}) {
  const worst = versions.find(each => each.golden.failed >= golden.failed * MOSTLY && each.name !== 'unknown');
  return worst && versions.filter(each => each.requests > 0).length > 1
    ? `, ${worst.golden.failed === golden.failed ? 'all' : 'nearly all'} of them of version ${worst.name}` : '';
}

/** @param {World} world @param {Service[]} services @returns {Finding[]} the worst first */
export function findingsOf(world, services) {
  /** @type {Finding[]} */
  const all = [];
  const state = world.state;
  for (const reason of state.missing ?? []) {
    all.push({level: 'bad', text: `Not ready: ${reason}`, href: to('config'), command: 'weft doctor'});
  }
  for (const one of services) {
    if (one.why) {
      all.push({level: one.level, text: `${serviceName(one.host)}: ${one.why}`, href: to('service', one.host),
        command: 'weft tap --status 5xx'});
    }
  }
  const config = state.config;
  if (config?.errors) {
    all.push({level: 'bad', text: `A change of configuration was refused: ${counted(config.errors, 'error')}`,
      href: to('config'), command: 'weft check PATH'});
  }
  if (config?.warnings) {
    all.push({level: 'warn', text: `Configuration: ${counted(config.warnings, 'warning')}`,
      href: to('config'), command: 'weft check PATH'});
  }
  for (const [id, from, until] of state.certificates ?? []) {
    const left = until - world.now;
    if (left < (until - from) * WARN_OF_LIFE) {
      all.push({level: left <= 0 ? 'bad' : 'warn', text: left <= 0
        ? `The certificate of ${id} has ended`
        : `The certificate of ${id} ends in ${span(left)}`, href: to('certificates'), command: 'weft doctor'});
    }
  }
  if (state.faults) {
    all.push({level: 'warn', text: `${counted(state.faults, 'certificate fault')}`,
      href: to('certificates'), command: 'weft doctor'});
  }
  for (const {level, text} of state.findings ?? []) {
    all.push({level, text, href: to('proxies'), command: 'weft status'});
  }
  return all.sort((a, b) => (a.level === b.level ? 0 : a.level === 'bad' ? -1 : 1));
}

/**
 * Callers and services with what goes between them, in an order that stays. A workload that is called
 * too is drawn as the service that it serves. It is the same until edges come or go, however their
 * counts change.
 *
 * @typedef {{id: string, label: string, host: string, sub: string}} Node
 * @typedef {{id: string, from: string, to: string, edges: Edge[], proved: boolean}} Link
 * @param {Service[]} services
 * @returns {{nodes: Map<string, Node>, links: Link[]}}
 */
export function graphOf(services) {
  const called = services.filter(one => one.edges.length > 0).sort((a, b) => (a.host < b.host ? -1 : 1));
  const serves = new Map();
  const nodes = new Map();
  const links = new Map();
  for (const one of called) {
    nodes.set(`s ${one.host}`, {id: `s ${one.host}`, label: serviceName(one.host), host: one.host, sub: one.host === 'unknown' ? 'without a service' : 'service'});
    for (const {destination} of one.edges) {
      if (destination.workload !== 'unknown') serves.set(`${destination.namespace}/${destination.workload}`, one.host);
    }
  }
  for (const one of called) {
    for (const edge of one.edges) {
      const from = caller(edge, serves, nodes);
      const to = `s ${one.host}`;
      const id = `${from} > ${to}`;
      if (!links.has(id)) links.set(id, {id, from, to, edges: [], proved: false});
      links.get(id).edges.push(edge);
    }
  }
  for (const link of links.values()) {
    const reached = link.edges.filter(edge => edge.destination.workload !== 'unknown');
    link.proved = reached.length > 0 && reached.every(proved);
  }
  return {nodes, links: [...links.values()]};
}

/** @param {Edge} edge @returns {string} the node that it comes from, which is made where it is not there */
function caller(edge, serves, nodes) {
  const {workload, namespace, app} = edge.source;
  const own = serves.get(`${namespace}/${workload}`);
  if (own) return `s ${own}`;
  const known = workload !== 'unknown';
  const id = `w ${known ? `${namespace}/${workload}` : 'unknown'}`;
  if (!nodes.has(id)) {
    nodes.set(id, {id, label: known ? app : 'unknown callers', host: '',
      sub: known ? `caller in ${namespace}` : 'without identity'});
  }
  return id;
}

/**
 * What went over a link.
 *
 * @typedef {{requests: number, failed: number, bytes: number, opened: number, golden: Golden}} Counts
 * @param {Link} link
 * @returns {Counts}
 */
export function countsOf({edges}) {
  const golden = none();
  for (const {told} of edges) add(golden, told);
  return {requests: requests(golden), failed: golden.failed, bytes: bytesOf(golden), opened: golden.opened, golden};
}
