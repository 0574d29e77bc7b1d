/** Requests and connections as they end. */
import {h, Fragment} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import {place, query} from '../place.js';
import {Command, Empty, Table} from '../ui.js';
import {millis, proxyName} from '../format.js';
import {Meaning, useMeanings} from '../failures.js';
import {keyOf, traceAt, useTraces} from '../traced.js';

const KEPT = 200;
const FILTERS = {
  status: 'Status (503, 5xx)', cluster: 'Service', route: 'Rule', path: 'Path begins with',
  identity: 'Caller', slower: 'Slower than (ms)'};

export function Tap() {
  const filters = {};
  for (const name of Object.keys(FILTERS)) {
    const value = place.value.query.get(name);
    if (value) filters[name] = value;
  }
  const [entries, setEntries] = useState([]);
  const [missed, setMissed] = useState(0);
  const [paused, setPaused] = useState(false);
  const [refused, setRefused] = useState(false);
  const meanings = useMeanings();
  const kept = new Map(useTraces().kept.map(one => [keyOf(one), one]));
  const address = `../tap?${new URLSearchParams({...filters, last: '20'})}`;
  useEffect(() => {
    if (paused) return undefined;
    setEntries([]);
    setRefused(false);
    let next = 0;
    let fresh = [];
    const events = new EventSource(address);
    events.addEventListener('message', event => fresh.push({key: next++, ...JSON.parse(event.data)}));
    events.addEventListener('missed', event => setMissed(before => before + JSON.parse(event.data).missed));
    events.addEventListener('error', () => {
      if (events.readyState === EventSource.CLOSED) setRefused(true);
    });
    const timer = setInterval(() => {
      if (fresh.length === 0) return;
      const came = fresh.reverse().sort((a, b) => (a.time < b.time) - (a.time > b.time)); // several proxies may tell
      fresh = [];
      setEntries(before => [...came, ...before].slice(0, KEPT));
    }, 250);
    return () => {
      clearInterval(timer);
      events.close();
    };
  }, [address, paused]);
  const submit = event => {
    event.preventDefault();
    query(Object.fromEntries(new FormData(event.target)));
  };
  return h(Fragment, null,
    h('form', {class: 'filters', onSubmit: submit},
      Object.entries(FILTERS).map(([name, title], i) => h('label', {key: name}, title,
        h('input', {name, value: filters[name] ?? '', ...(i === 0 ? {'data-filter': ''} : {})}))),
      h('span', {class: 'pair'},
        h('button', null, 'Show'),
        h('button', {type: 'button', 'aria-pressed': String(paused), onClick: () => setPaused(!paused)}, paused ? 'Go on' : 'Hold'))),
    refused ? h('p', {class: 'trouble', role: 'alert'}, '✖ Refused: a filter is wrong, or too many read already.') : null,
    missed ? h('p', null, `${missed} were not shown, since there were too many.`) : null,
    entries.length === 0
      ? h(Empty, {title: 'Nothing ended yet.'}, h('p', null, 'Requests and connections are shown as they end; past ones only where the access log is on.'))
      : h(Table, {label: 'Requests and connections', class: 'tap', head: ['Time', 'Status', 'Request', {text: 'Took', class: 'num'}, 'Went to', 'From']},
        entries.map(entry => h(Row, {key: entry.key, entry, kept: kept.get(keyOf(entry)), told: meanings[entry.cause]}))),
    h(Command, {text: `weft tap${Object.entries(filters).map(([name, value]) => ` --${name === 'cluster' ? 'to' : name} '${value.replaceAll("'", "'\\''")}'`).join('')}`}));
}

function Row({entry, kept, told}) {
  const failed = entry.status >= 500 || entry.cause !== undefined;
  return h('tr', {class: failed ? 'bad' : ''},
    h('td', null, entry.time.slice(11, 23)),
    h('td', {class: entry.cause ? 'whole' : ''}, entry.status ? `${failed ? '✖ ' : ''}${entry.status}` : entry.protocol,
      entry.cause ? h(Cause, {cause: entry.cause, told}) : null),
    h('td', {class: 'break'}, entry.method ? `${entry.method} ${entry.authority ?? ''}${entry.path}` : entry.destination,
      entry.detail ? h('small', null, entry.detail) : null),
    h('td', {class: 'num'}, millis(entry.duration_ms),
      kept ? h('small', null, h('a', {href: traceAt(kept)}, 'trace')) : null),
    h('td', {class: 'break'}, entry.cluster, h('small', null, entry.endpoint), h('small', null, entry.route)),
    h('td', {class: 'break'}, entry.principal ?? entry.source ?? '–',
      entry.user_agent ? h('small', null, entry.user_agent) : null,
      entry.proxy ? h('small', null, `told by ${proxyName(entry.proxy)}`) : null));
}

/** Its meaning is a click away. */
function Cause({cause, told}) {
  return told
    ? h('details', {class: 'why'}, h('summary', null, cause), h('p', null, h(Meaning, {told})))
    : h('small', null, cause);
}
