/** One rule: its last hour, where it leads, and how those of its requests went that failed or were slow. */
import {h, Fragment} from 'preact';
import {useMemo} from 'preact/hooks';
import {world} from '../live.js';
import {place, to} from '../place.js';
import {useAsked} from '../ask.js';
import {quantile, requests, since} from '../golden.js';
import {millis, number, percent} from '../format.js';
import {carries} from '../model.js';
import {useFailures, useMeanings} from '../failures.js';
import {useTraces} from '../traced.js';
import {Asking, Command, Empty, Fact, Trouble} from '../ui.js';
import {Hour} from '../hour.js';
import {Rule} from './routes.js';
import {List} from './traces.js';

const MOST_TRACES = 5;

export function Route() {
  const name = place.value.of;
  const asked = useAsked(`api/route?name=${encodeURIComponent(name)}`, 10_000);
  const hour = useMemo(() => h(Hour, {told: asked.value}), [asked.value]);
  const routes = useAsked('../routes', 5_000);
  const failures = useFailures().filter(one => one.rule === name);
  const meanings = useMeanings();
  const kept = useTraces().kept.filter(one => one.route === name);
  if (!world.value || routes.value === null) return h(Asking, null);
  const rules = routes.value.routes.filter(one => one.name === name);
  const count = world.value.rules.get(name);
  if (rules.length === 0 && !count) {
    return h(Empty, {title: 'There is no such rule.'},
      h('p', null, 'It may have gone with a change of configuration. ', h('a', {href: to('routes')}, 'All rules')));
  }
  return h(Fragment, null,
    h(Facts, {count, connections: carries(name)}),
    h(Trouble, {text: asked.error || routes.error}),
    h('ol', {class: 'rules'}, rules.map(route => h(Rule, {key: route.hosts, route, meanings, failures, traced: kept.length > 0}))),
    hour,
    kept.length === 0 ? null : h('section', null,
      h('h2', null, 'Failed or slow'),
      h(List, {kept: kept.slice(0, MOST_TRACES), label: 'Failed or slow requests'})),
    h(Command, {text: 'weft routes'}));
}

/** Of the last ten seconds. */
function Facts({count, connections}) {
  const recent = count ? since(count.told, count.before) : null;
  const came = recent && count.before ? requests(recent) + recent.opened : 0;
  const bounds = world.value.bounds;
  const at = share => (came ? millis(quantile(recent, share, bounds)) : '–');
  return h('dl', {class: 'facts'},
    h(Fact, {name: connections ? 'Connections a second' : 'Requests a second'}, number(count?.rate ?? 0)),
    h(Fact, {name: 'Success'}, came ? percent(1 - recent.failed / came) : '–'),
    connections ? null : h(Fact, {name: 'p50'}, at(0.5)),
    connections ? null : h(Fact, {name: 'p90'}, at(0.9)),
    connections ? null : h(Fact, {name: 'p99'}, at(0.99)),
    h(Fact, {name: 'Since the start'}, (count?.requests ?? 0).toLocaleString('en')));
}
