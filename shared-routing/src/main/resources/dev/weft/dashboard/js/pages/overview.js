/** What is wrong, then all services. */
import {h, Fragment} from 'preact';
import {useMemo} from 'preact/hooks';
import {world} from '../live.js';
import {place, query, to} from '../place.js';
import {useAsked} from '../ask.js';
import {bytes, counted, has, millis, number, percent, span} from '../format.js';
import {Asking, Command, Empty, Level, Name, serviceName, Table} from '../ui.js';
import {Spark} from '../spark.js';
import {useGrowing, useSeen} from '../seen.js';

const MINUTE = 60_000;
const ROWS_A_FRAME = 40;
const FIRST = 8; // findings that are open to see, so that services are, too
const MOST_FINDINGS = 100;

export function Overview({services, findings}) {
  const now = world.value;
  const sparks = useAsked('api/services', 10_000).value;
  const drawn = useGrowing(services.length, ROWS_A_FRAME);
  if (!now) return h(Asking, null);
  const filter = place.value.query.get('filter') ?? '';
  const shown = services.filter(one => has(one.host, filter));
  return h(Fragment, null,
    h('p', {class: 'sentence'}, sentence(now, services, findings)),
    h(Findings, {findings}),
    h('div', {class: 'bar'},
      h('h2', null, 'Services'),
      h('label', null, 'Filter ', h('input', {type: 'search', value: filter, 'data-filter': '',
        onInput: event => query({filter: event.target.value})}))),
    services.length === 0
      ? h(Empty, {title: 'No service yet.'},
        h('p', null, 'This proxy has no service to send requests to. Give it a ServiceEntry or a VirtualService in its configuration; ',
          h('a', {href: to('config')}, 'which is here'), '.'))
      : h(Table, {label: 'Services', class: 'services', head: [
        'Service', 'State', {text: 'Last hour', class: 'wide'}, {text: 'Success', class: 'num'},
        {text: 'Req/s', class: 'num'}, {text: 'p50', class: 'num wide'}, {text: 'p99', class: 'num'},
        {text: 'In flight', class: 'num wide'}]},
      shown.slice(0, drawn).map(one => h(Row, {key: one.host, one, sparks}))),
    services.length > 0 && shown.length === 0
      ? h('p', null, 'No service has that in its name.') : null,
    h(Command, {text: 'weft top'}));
}

function sentence(now, services, findings) {
  const rate = services.reduce((sum, one) => sum + one.rate, 0);
  const bad = services.filter(one => one.level === 'bad').length;
  const config = now.state.config;
  const wrong = bad ? `${bad} failing` : findings.length ? counted(findings.length, 'thing to look at', 'things to look at') : 'nothing wrong';
  const proxies = now.state.proxies ? ` ${now.state.proxies.heard} of ${counted(now.state.proxies.present, 'proxy', 'proxies')} heard.` : '';
  const version = config && config.applied > 0
    ? ` Configuration ${config.version} serves since ${span(now.now - config.applied)}.` : '';
  return `${counted(services.length, 'service')}, ${number(rate)} requests a second, ${wrong}.${version}${proxies}`;
}

function Findings({findings}) {
  if (findings.length === 0) return null;
  const list = some => h('ul', null, some.map(one =>
    h('li', {key: one.text, class: one.level}, h(Level, {level: one.level, text: ''}),
      h('a', {href: one.href}, one.text))));
  return h('section', {'aria-labelledby': 'wrong', class: 'findings'},
    h('h2', {id: 'wrong'}, 'What is wrong'),
    list(findings.slice(0, FIRST)),
    findings.length > FIRST ? h('details', null,
      h('summary', null, `and ${findings.length - FIRST} more`),
      list(findings.slice(FIRST, MOST_FINDINGS)),
      findings.length > MOST_FINDINGS ? h('p', null, `and ${findings.length - MOST_FINDINGS} more, which are beside their services`) : null) : null);
}

/** @param {Record<string, [number, number][]> | undefined} by who counted */
function together(by) {
  const all = Object.values(by ?? {});
  return all.length < 2 ? all[0]
    : all[0].map((_, i) => [all.reduce((sum, one) => sum + one[i][0], 0), all.reduce((sum, one) => sum + one[i][1], 0)]);
}

function Row({one, sparks}) {
  const kept = together(sparks?.services[one.host]);
  const seconds = sparks?.step_seconds ?? MINUTE / 1000;
  const bad = one.level === 'bad';
  const spark = useMemo(() => (kept && kept.length > 1 // drawn anew when a minute is over, not each second
    ? h(Spark, {values: kept.map(([count]) => count / seconds), bad}) : h('div', {class: 'spark'})), [sparks, seconds, bad]);
  return useSeen(ref => h('tr', {class: one.level, ref},
    h('th', {scope: 'row'}, h('a', {class: 'name', href: to('service', one.host), title: one.host}, h(Name, {text: serviceName(one.host)}))),
    h('td', {class: 'whole'}, h(Level, {level: one.level}), ' ', one.why ? h('small', null, one.why) : null),
    h('td', {class: 'wide'}, spark),
    h('td', {class: 'num'}, one.requests ? percent(one.success) : '–'),
    h('td', {class: 'num'}, one.requests || !one.bytes ? number(one.rate) : `${bytes(one.bytes)}/s`,
      one.requests && one.bytes ? h('small', null, `${bytes(one.bytes)}/s`) : null),
    h('td', {class: 'num wide'}, millis(one.p50)),
    h('td', {class: 'num'}, millis(one.p99)),
    h('td', {class: 'num wide'}, one.inFlight)));
}
