/** Requests that failed or were slow, and how one of them went. */
import {h, Fragment} from 'preact';
import {world} from '../live.js';
import {place, query, to} from '../place.js';
import {hostOf} from '../model.js';
import {keyOf, traceAt, useTraces} from '../traced.js';
import {counted, millis, proxyName} from '../format.js';
import {Asking, Command, Empty, Fact, Level, serviceName, Table, Trouble, When} from '../ui.js';

/** @typedef {import('../traced.js').Kept} Kept @typedef {import('../traced.js').Attempt} Attempt */

const TRACES = new URL('../traces', location.href.replace(/#.*/, '')).href;
const SHOWN = 100;
const THINNEST = 0.4; // percent of the time that is drawn: a bar is seen

/** @param {Kept} one @returns {string} all that a filter looks at */
function words(one) {
  return [one.status, one.cause, one.method, one.authority + one.path, one.route, one.cluster,
    one.trace, one.request_id, one.principal].join(' ').toLowerCase();
}

export function Traces() {
  const {kept, asked, error} = useTraces();
  const filter = place.value.query.get('filter') ?? '';
  const shown = kept.filter(one => words(one).includes(filter.toLowerCase()));
  return h(Fragment, null,
    h('div', {class: 'bar'},
      h('p', {class: 'quiet'}, 'Requests that failed or were slow, the newest first.'),
      h('label', null, 'Filter ', h('input', {type: 'search', value: filter, 'data-filter': '',
        onInput: event => query({filter: event.target.value})}))),
    h(Trouble, {text: error}),
    !asked ? h(Asking, null) : kept.length > 0 ? h(List, {kept: shown.slice(0, SHOWN), label: 'Traces'})
      : h(Empty, {title: 'None is kept.'},
        h('p', null, 'Of each request that fails or is slow it is kept here how it went; ',
          h('a', {href: to('tap')}, 'requests as they come'), '.')),
    shown.length > SHOWN ? h('p', null, `and ${shown.length - SHOWN} more: write more of what you look for into the filter`) : null,
    kept.length > 0 && shown.length === 0 ? h('p', null, 'None has that in it.') : null,
    h(Command, {text: `curl ${TRACES}?last=20`, of: false}));
}

/** @param {{kept: Kept[], label: string}} of */
export function List({kept, label}) {
  return h(Table, {label, class: 'traces', head: ['Request', 'Ended', {text: 'Took', class: 'num'},
    {text: 'Attempts', class: 'num'}, 'Went to', 'When']},
  kept.map((one, i) => h('tr', {key: keyOf(one) + one.time + i, class: failed(one) ? 'bad' : 'warn'},
    h('th', {scope: 'row', class: 'break'},
      h('a', {href: traceAt(one)}, `${one.method} ${one.authority}${one.path}`),
      one.proxy ? h('small', null, `kept by ${proxyName(one.proxy)}`) : null),
    h('td', null, h(Ended, {one})),
    h('td', {class: 'num'}, millis(one.duration_ms)),
    h('td', {class: 'num'}, one.attempts.length),
    h('td', {class: 'break'}, one.cluster, h('small', null, one.route)),
    h('td', null, world.value ? h(When, {at: Date.parse(one.time), now: world.value.now}) : one.time))));
}

/** @param {{status?: number, cause?: string, grpc_status?: number}} one */
function failed(one) {
  return !one.status || one.status >= 500 || one.cause !== undefined || (one.grpc_status ?? 0) !== 0;
}

function Ended({one}) {
  const bad = failed(one);
  const status = one.grpc_status === undefined ? one.status || 'cut' : `${one.status}, gRPC ${one.grpc_status}`;
  return h(Fragment, null, h(Level, {level: bad ? 'bad' : 'ok', text: String(status)}),
    one.cause ? h('small', null, one.cause) : null);
}

export function Trace() {
  const {kept, asked, error} = useTraces();
  const of = place.value.of;
  const hops = kept.filter(one => keyOf(one) === of || one.request_id === of).sort((a, b) => beganAt(a) - beganAt(b));
  if (!asked) return h(Fragment, null, h(Trouble, {text: error}), h(Asking, null));
  if (hops.length === 0) {
    return h(Fragment, null, h(Trouble, {text: error}),
      h(Empty, {title: 'This request is not kept any more, or never was.'},
        h('p', null, 'Only the last ones that failed or were slow are. ', h('a', {href: to('traces')}, 'All that are'))));
  }
  return h(Fragment, null,
    h(Trouble, {text: error}),
    hops.length > 1 ? h(Hops, {hops}) : null,
    hops.map((one, i) => h(Hop, {key: one.time + i, one, id: `hop${i}`})),
    h(Command, {text: `curl ${TRACES}${/^[0-9a-f]{32}$/.test(of) ? `?trace=${of}` : ''}`, of: false}));
}

/** When it began, in milliseconds and parts of one. @param {Kept} one @returns {number} */
function beganAt({time}) {
  const [, part = '0'] = /\.\d{3}(\d+)Z$/.exec(time) ?? [];
  return Date.parse(time) + Number(`0.${part}`);
}

/** All of one trace, one below the other in time. @param {{hops: Kept[]}} of */
function Hops({hops}) {
  const first = beganAt(hops[0]);
  const total = Math.max(...hops.map(one => beganAt(one) - first + one.duration_ms), 0.001);
  return h('section', {'aria-labelledby': 'hops'},
    h('h2', {id: 'hops'}, 'The trace'),
    h('p', {class: 'quiet'}, `${counted(hops.length, 'request')} of this trace came here, in the order in which they began by the clock of each proxy.`),
    h(Table, {label: 'Requests of this trace in time', class: 'hops', head: ['Request', 'Ended',
      {text: 'Began', class: 'num'}, {text: 'Took', class: 'num'}, `0 to ${millis(total)}`]},
    hops.map((one, i) => h('tr', {key: one.time + i, class: failed(one) ? 'bad' : ''},
      h('th', {scope: 'row', class: 'break'}, h('a', {href: location.hash, onClick: event => jump(event, `hop${i}`)},
        one.proxy ? proxyName(one.proxy) : `${one.method} ${one.path}`), h('small', null, one.cluster === '-' ? one.route : one.cluster)),
      h('td', null, h(Ended, {one})),
      h('td', {class: 'num'}, i ? millis(beganAt(one) - first) : '0 ms'),
      h('td', {class: 'num'}, millis(one.duration_ms)),
      h('td', {class: 'time'}, h(Bar, {total, parts: [[beganAt(one) - first, one.duration_ms, failed(one) ? 'bad' : 'whole']]}))))));
}

/** To what is told of it below, with the address as it is. */
function jump(event, id) {
  event.preventDefault();
  document.getElementById(id).scrollIntoView();
}

/** @param {{one: Kept, id: string}} of */
function Hop({one, id}) {
  const host = hostOf(one.cluster);
  return h('section', {'aria-labelledby': id},
    h('h2', {id, class: 'break'}, `${one.method} ${one.authority}${one.path}`),
    one.cause ? h('ul', {class: 'findings'}, h('li', {class: 'bad'},
      h(Level, {level: 'bad', text: one.cause}), ` ${one.detail ?? ''}`)) : null,
    one.fault ? h('ul', {class: 'findings'}, h('li', {class: 'warn'},
      h(Level, {level: 'warn', text: 'fault injected'}), ` ${one.fault}`)) : null,
    h('dl', {class: 'facts'},
      h(Fact, {name: 'Ended'}, h(Ended, {one})),
      h(Fact, {name: 'Took'}, millis(one.duration_ms)),
      h(Fact, {name: 'Rule'}, one.route === '-' ? 'none' : h('a', {href: to('routes', '', {filter: one.route})}, one.route)),
      h(Fact, {name: 'Service'}, one.cluster === '-' ? 'none: answered here'
        : h('a', {href: to('service', host)}, serviceName(host))),
      h(Fact, {name: 'Configuration'}, h('a', {href: to('history')}, one.config)),
      one.proxy ? h(Fact, {name: 'Kept by'}, proxyName(one.proxy)) : null),
    h(Waterfall, {one}),
    h(Rest, {one}));
}

/** Rows from top to bottom, time from left to right. @param {{one: Kept}} of */
function Waterfall({one}) {
  const total = Math.max(one.duration_ms, ...one.attempts.map(each => each.began_ms + (each.answered_ms ?? 0)), 0.001);
  return h(Table, {label: 'Attempts in time', class: 'waterfall', head: ['What', 'Ended', 'Breaker',
    {text: 'Began', class: 'num'}, {text: 'Took', class: 'num'}, `0 to ${millis(total)}`]},
  h('tr', {class: failed(one) ? 'bad' : ''},
    h('th', {scope: 'row'}, 'The request', h('small', null, one.protocol)),
    h('td', null, h(Ended, {one})),
    h('td', null, '–'), h('td', {class: 'num'}, '0 ms'),
    h('td', {class: 'num'}, millis(one.duration_ms)),
    h('td', {class: 'time'}, h(Bar, {total, parts: [[0, one.duration_ms, 'whole']]}))),
  one.attempts.map(each => h('tr', {key: each.attempt, class: failed(each) ? 'bad' : ''},
    h('th', {scope: 'row'}, `Attempt ${each.attempt}${each.retry ? ', a retry' : ''}`, h('small', null, each.endpoint)),
    h('td', {class: 'break'}, each.status || each.cause ? h(Ended, {one: each}) : 'no answer came',
      each.detail ? h('small', null, each.detail) : null),
    h('td', null, each.breaker === 'closed' ? 'closed' : h(Level, {level: 'warn', text: each.breaker})),
    h('td', {class: 'num'}, millis(each.began_ms)),
    h('td', {class: 'num'}, each.answered_ms === undefined ? '–' : millis(each.answered_ms)),
    h('td', {class: 'time'}, h(Bar, {total, parts: partsOf(one, each)})))),
  one.attempts.length === 0 ? h('tr', null, h('td', {colSpan: 6}, 'No attempt: it was answered here.')) : null);
}

/** Until its head, and of the one that was answered with, until the body's end. @returns {[number, number, string][]} */
function partsOf(one, each) {
  const left = Math.max(0, one.duration_ms - each.began_ms);
  if (each.answered_ms === undefined) return [[each.began_ms, left, 'open']];
  const last = each === one.attempts[one.attempts.length - 1];
  const head = [each.began_ms, each.answered_ms, failed(each) ? 'bad' : 'ok'];
  return last && each.status ? [head, [each.began_ms + each.answered_ms, Math.max(0, left - each.answered_ms), 'body']] : [head];
}

/** The numbers beside it say the same. */
function Bar({total, parts}) {
  const part = (length, least = 0) => `${Math.min(100, Math.max(least, (100 * length) / total)).toFixed(2)}%`;
  return h('svg', {class: 'span', width: '100%', height: 14, 'aria-hidden': 'true'},
    parts.map(([from, length, kind]) => h('rect', {key: kind, class: kind, x: part(from), y: 1, height: 12,
      width: part(length, THINNEST), rx: 2})));
}

/** @param {{one: Kept}} of */
function Rest({one}) {
  const rows = {Time: one.time, Trace: one.trace, 'Request id': one.request_id, Caller: one.source,
    'Proved to be': one.principal === '-' ? undefined : one.principal,
    'Probably asked for by': one.link && `span ${one.link.span} of trace ${one.link.trace}, inferred by ${one.link.by}`,
    ...Object.fromEntries(Object.entries(one.tags ?? {}).map(([name, value]) => [`Tag ${name}`, value]))};
  return h(Table, {label: 'More of it', class: 'more', head: ['Field', 'Value']},
    Object.entries(rows).filter(([, value]) => value).map(([name, value]) =>
      h('tr', {key: name}, h('th', {scope: 'row'}, name), h('td', {class: 'break'}, value))));
}
