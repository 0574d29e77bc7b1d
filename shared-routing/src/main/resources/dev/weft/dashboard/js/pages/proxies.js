/** The proxies that listen to a control plane, which version each runs, and the way to its own pages. */
import {h, Fragment} from 'preact';
import {world} from '../live.js';
import {place, query} from '../place.js';
import {useAsked} from '../ask.js';
import {counted, has, span} from '../format.js';
import {Asking, Command, Empty, Fact, Level, Name, Table, Trouble} from '../ui.js';

const MOST = 200;
const SECOND = 1000;
const WARN_OF_LIFE = 0.2; // of a certificate is left

/**
 * @typedef {{stream: number, identity: string, pod?: string, address: string, kind: string, weft?: string,
 *   acknowledged: number, sent: number, sentSeconds: number, connectedSeconds: number, inSync: boolean,
 *   refused?: {version: number, why: string}, heard?: boolean, silence?: string, leftSeconds?: number,
 *   certificate: {notBefore: number, notAfter: number, secondsLeft: number}}} Proxy
 */

export function Proxies() {
  const asked = useAsked('../proxies', 3_000);
  const filter = place.value.query.get('filter') ?? '';
  /** @type {Proxy[]} */
  const present = asked.value?.proxies ?? [];
  const away = asked.value?.away ?? [];
  const wanted = one => has(`${one.identity} ${one.pod ?? ''} ${one.address} ${one.kind}`, filter);
  const shown = [...present, ...away].filter(wanted).sort((a, b) => rank(a) - rank(b) || (a.identity < b.identity ? -1 : 1));
  if (!world.value || !asked.value) return h(Fragment, null, h(Trouble, {text: asked.error}), h(Asking, null));
  return h(Fragment, null,
    h(Trouble, {text: asked.error}),
    h('dl', {class: 'facts'},
      h(Fact, {name: 'Version'}, asked.value.version),
      h(Fact, {name: 'Proxies'}, present.length),
      h(Fact, {name: 'On the newest'}, present.filter(one => one.inSync).length),
      h(Fact, {name: 'Left within the hour'}, away.length)),
    h('div', {class: 'bar'}, h('h2', null, 'Proxies'),
      h('label', null, 'Filter ', h('input', {type: 'search', value: filter, 'data-filter': '',
        onInput: event => query({filter: event.target.value})}))),
    present.length + away.length === 0
      ? h(Empty, {title: 'No proxy listens.'}, h('p', null, 'Start one with --config control:HOST:PORT and --identity control:HOST:PORT.'))
      : h(Table, {label: 'Proxies', head: ['Proxy', 'State', {text: 'Version', class: 'num'}, {text: 'Since', class: 'num'},
        {text: 'Connected', class: 'num'}, {text: 'Certificate', class: 'num'}, 'Weft']},
      shown.slice(0, MOST).map(one => h(Row, {key: `${one.stream} ${one.leftSeconds === undefined}`, one}))),
    shown.length > MOST ? h('p', null, `and ${counted(shown.length - MOST, 'more proxy', 'more')}: write more of a name into the filter`) : null,
    h(Command, {text: 'weft status'}));
}

/** @param {Proxy} one what is wrong first, who left last */
function rank(one) {
  const order = {bad: 0, warn: 1, ok: 2, idle: 3};
  return order[stateOf(one)[0]];
}

/** @param {Proxy} one @returns {['bad'|'warn'|'ok'|'idle', string]} */
function stateOf(one) {
  if (one.leftSeconds !== undefined) return ['idle', `left ${span(one.leftSeconds * SECOND)} ago`];
  if (one.refused) return ['bad', `refused ${one.refused.version}: ${one.refused.why}`];
  if (!one.inSync) return ['warn', `not yet on version ${one.sent}`];
  if (!one.heard) return ['warn', `not heard: ${one.silence}`];
  return ['ok', 'on the newest version'];
}

/** @param {{one: Proxy}} of */
function Row({one}) {
  const [level, words] = stateOf(one);
  const {notBefore, notAfter, secondsLeft} = one.certificate;
  const ending = secondsLeft <= 0 ? 'bad' : secondsLeft < (notAfter - notBefore) * WARN_OF_LIFE ? 'warn' : '';
  const name = one.pod ? `${one.identity} (${one.pod})` : one.identity;
  const here = one.leftSeconds === undefined;
  return h('tr', {class: level},
    h('th', {scope: 'row', class: 'break'},
      here && one.heard ? h('a', {href: `../proxies/${one.stream}/dashboard/`}, h(Name, {text: name})) : h(Name, {text: name}),
      h('small', null, `${one.kind} at ${one.address}`)),
    h('td', {class: 'whole'}, h(Level, {level, text: words})),
    h('td', {class: 'num'}, one.acknowledged),
    h('td', {class: 'num'}, here ? span(one.sentSeconds * SECOND) : '–'),
    h('td', {class: 'num'}, here ? span(one.connectedSeconds * SECOND) : '–'),
    h('td', {class: 'num'}, ending
      ? h(Level, {level: ending, text: secondsLeft <= 0 ? 'ended' : span(secondsLeft * SECOND)})
      : span(secondsLeft * SECOND)),
    h('td', null, one.weft?.replace(/^weft /, '') ?? '–'));
}
