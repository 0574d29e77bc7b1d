/** The rules, in the order in which they are tried, and what would happen to a request. */
import {h, Fragment} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import {world} from '../live.js';
import {place, query, to} from '../place.js';
import {askText, useAsked} from '../ask.js';
import {carries, hostOf} from '../model.js';
import {quantile, since} from '../golden.js';
import {has, millis, number, percent, portion} from '../format.js';
import {useTraces} from '../traced.js';
import {Asking, Command, Empty, Trouble} from '../ui.js';
import {Meaning, useFailures, useMeanings} from '../failures.js';

const MOST = 200;

export function Routes() {
  const asked = useAsked('../routes', 5_000);
  const filter = place.value.query.get('filter') ?? '';
  const all = asked.value?.routes ?? [];
  const failures = useFailures();
  const meanings = useMeanings();
  const traced = new Set(useTraces().kept.map(one => one.route));
  const shown = all.filter(route => route.hosts.some(host => has(host, filter)) || has(route.name, filter));
  return h(Fragment, null,
    world.value?.state.mesh
      ? h('p', {class: 'quiet'}, 'Rules of all proxies. What would happen to a request is told by the pages of a proxy: ',
        h('a', {href: to('proxies')}, 'proxies'), '.')
      : h(Explain, null),
    h('div', {class: 'bar'},
      h('h2', null, 'Rules'),
      h('label', null, 'Filter ', h('input', {type: 'search', value: filter, 'data-filter': '',
        onInput: event => query({filter: event.target.value})}))),
    h(Trouble, {text: asked.error}),
    !asked.value ? h(Asking, null) : all.length === 0
      ? h(Empty, {title: 'No rule.'}, h('p', null, 'A VirtualService brings rules; without one a request is answered 404. ',
        h('a', {href: to('config')}, 'The configuration')))
      : h('ol', {class: 'rules'}, shown.slice(0, MOST).map(route => h(Rule, {key: route.name + route.hosts, route, meanings,
        failures: failures.filter(one => one.rule === route.name), traced: traced.has(route.name)}))),
    all.length > 0 && shown.length === 0 ? h('p', null, 'No rule has that in its name or hosts.') : null,
    shown.length > MOST ? h('p', null, `and ${shown.length - MOST} more: write more of a name into the filter`) : null,
    h(Command, {text: 'weft routes'}));
}

/** From left to right: hosts, what it matches, how often, where it leads. */
export function Rule({route, traced, failures, meanings}) {
  const count = world.value?.rules.get(route.name) ?? {requests: 0, failed: 0, rate: 0};
  const sum = route.shares.reduce((all, share) => all + share.weight, 0);
  return h('li', null,
    h('div', {class: 'step'}, h('strong', null, h('a', {href: to('route', route.name)}, route.name)), h('small', null, route.hosts.join(', ')),
      h('small', null, route.place)),
    h('div', {class: 'step'}, route.match),
    h('div', {class: 'step num'}, `${number(count.rate)} ${carries(route.name) ? 'conn/s' : 'req/s'}`,
      count.rate && !carries(route.name) ? h('small', null, `p99 ${millis(quantile(since(count.told, count.before), 0.99, world.value.bounds))}`) : null,
      h('small', null, `${count.requests.toLocaleString('en')} since the start`),
      count.failed ? h('small', {class: 'level bad'}, `✖ ${percent(count.failed / count.requests)} failed`) : null,
      failures.map(one => h('details', {key: one.service + one.cause, class: 'why'},
        h('summary', null, `${one.requests.toLocaleString('en')} ${one.cause}`),
        h('p', null, h(Meaning, {told: meanings[one.cause]})))),
      traced ? h('small', null, h('a', {href: to('traces', '', {filter: route.name})}, 'traces')) : null),
    h('div', {class: 'step'}, route.shares.length > 1 ? h('a', {href: to('canary', '', {filter: route.name})}, 'shift weights') : null,
      route.action ? route.action : h('ul', null, route.shares.map(share =>
      h('li', {key: share.cluster}, h('a', {href: to('service', hostOf(share.cluster))}, share.cluster),
        route.shares.length > 1
          ? h('span', {class: 'weight'}, ` ${portion(share.weight / Math.max(1, sum))} `,
            h('meter', {min: 0, max: Math.max(1, sum), value: share.weight, 'aria-label': `share of ${share.cluster}`}))
          : null)))));
}

function Explain() {
  const kept = place.value.query;
  const [answer, setAnswer] = useState(null);
  const [error, setError] = useState('');
  const explain = async (method, url, header) => {
    const asked = new URLSearchParams({method, url, output: 'text'});
    if (header) asked.append('header', header);
    try {
      setAnswer(await askText(`../explain?${asked}`));
      setError('');
    } catch (failed) {
      setAnswer(null);
      setError(failed.message);
    }
  };
  const submit = event => {
    event.preventDefault();
    const form = new FormData(event.target);
    const [method, url, header] = ['method', 'url', 'header'].map(name => String(form.get(name)).trim());
    query({method, url, header});
    explain(method, url, header);
  };
  useEffect(() => { // an address that somebody sent asks at once
    if (kept.get('url')) explain(kept.get('method') ?? 'GET', kept.get('url'), kept.get('header') ?? '');
  }, []);
  const url = kept.get('url') ?? '';
  const header = kept.get('header') ?? '';
  return h('section', {'aria-labelledby': 'explain'},
    h('h2', {id: 'explain'}, 'What would happen to a request?'),
    h('form', {class: 'explain', onSubmit: submit},
      h('label', null, 'Method ', h('input', {name: 'method', value: kept.get('method') ?? 'GET', size: 7})),
      h('label', {class: 'grow'}, 'URL ', h('input', {name: 'url', value: url, required: true, placeholder: 'http://host/path'})),
      h('label', {class: 'grow'}, 'Header ', h('input', {name: 'header', value: header, placeholder: 'name: value'})),
      h('button', null, 'Explain')),
    h(Trouble, {text: error}),
    answer === null ? null : h('pre', {tabIndex: 0, 'aria-label': 'The answer'}, answer));
}
