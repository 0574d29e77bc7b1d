/** One service: its last hour, by version, who calls it, its endpoints. */
import {h, Fragment} from 'preact';
import {useMemo} from 'preact/hooks';
import {world} from '../live.js';
import {place, to} from '../place.js';
import {useAsked} from '../ask.js';
import {add, bytesOf, none, quantile, requests, requestsOf} from '../golden.js';
import {hostOf, magnitude, proved} from '../model.js';
import {bytes, failing, millis, number, percent, portion} from '../format.js';
import {Asking, Command, Empty, Fact, Level, Proved, Table, Trouble} from '../ui.js';
import {Hour} from '../hour.js';
import {Failures} from '../failures.js';
import {useTraces} from '../traced.js';
import {List} from './traces.js';

const NONE = 'unknown'; // where requests are counted that were answered here
const MOST_TRACES = 5;
const MOST_CALLERS = 100;
const MOST_ENDPOINTS = 200;

export function Service({services}) {
  const host = place.value.of;
  const one = services.find(each => each.host === host);
  const asked = useAsked(`api/service?host=${encodeURIComponent(host)}`, 10_000);
  const known = one !== undefined;
  const hour = useMemo(() => known && h(Hour, {told: asked.value}), [asked.value, known]);
  const clusters = useAsked('../clusters', 5_000).value;
  if (!world.value) return h(Asking, null);
  if (!one) {
    return h(Empty, {title: 'This proxy knows no such service.'},
      h('p', null, 'It may have gone with a change of configuration. ', h('a', {href: '#/'}, 'All services')));
  }
  const carries = one.bytes > 0 || one.opened > 0; // what is not HTTP
  const seconds = world.value.seconds;
  return h(Fragment, null,
    h('p', null, h(Level, {level: one.level}), one.why ? ` ${one.why}` : ''),
    host === NONE ? h('p', {class: 'quiet'}, 'No rule led anywhere, or the rule that did answers by itself: no endpoint was asked. ',
      h('a', {href: to('tap')}, 'Which requests that are')) : null,
    h('dl', {class: 'facts'},
      one.requests || !carries ? h(Fragment, null,
        h(Fact, {name: 'Requests a second'}, number(one.rate)),
        h(Fact, {name: 'Success'}, one.requests ? percent(one.success) : '–'),
        h(Fact, {name: 'p50'}, millis(one.p50)),
        h(Fact, {name: 'p90'}, millis(one.p90)),
        h(Fact, {name: 'p99'}, millis(one.p99))) : null,
      carries ? h(Fragment, null,
        h(Fact, {name: 'To callers'}, `${bytes(one.golden.sent / seconds)}/s`),
        h(Fact, {name: 'From callers'}, `${bytes(one.golden.received / seconds)}/s`),
        h(Fact, {name: 'New connections'}, `${number(one.opened)}/s`)) : null,
      h(Fact, {name: 'Connections'}, openNow(one)),
      h(Fact, {name: 'In flight'}, one.inFlight),
      h(Fact, {name: 'Waiting'}, one.pending),
      h(Fact, {name: 'Breaker'}, one.breaker)),
    h(Failures, {host}),
    h(Trouble, {text: asked.error}),
    hour,
    h(Versions, {one}),
    h(Kept, {host}),
    one.edges.length > 0 ? h(Callers, {one}) : null,
    host === NONE ? null : h(Endpoints, {host, clusters}),
    h(Command, {text: host === NONE ? 'weft tap' : `weft tap --to ${quoted(host)}`}));
}

/** Connections to it that are open now. */
function openNow(one) {
  return one.upstreams.reduce((sum, name) => sum + (world.value.upstreams.get(name)?.connections ?? 0), 0);
}

/** For a shell: a name may hold anything. */
function quoted(text) {
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function Versions({one}) {
  if (one.versions.length === 0) return null;
  const {bounds, seconds} = world.value;
  const moved = bytesOf(one.golden);
  const share = each => (one.requests ? each.requests / one.requests : moved ? bytesOf(each.golden) / moved : null);
  return h('section', null,
    h('h2', null, 'Versions'),
    h(Table, {label: 'Versions', head: ['Version', {text: 'Share', class: 'num'}, {text: 'Req/s', class: 'num'},
      {text: 'Success', class: 'num'}, {text: 'p50', class: 'num'}, {text: 'p99', class: 'num'},
      ...(moved ? [{text: 'Bytes/s', class: 'num'}] : [])]},
    one.versions.map(each => h('tr', {key: each.name},
      h('th', {scope: 'row'}, each.name === 'unknown' ? 'reached nobody, or without a version' : each.name),
      h('td', {class: 'num'}, share(each) === null ? '–' : portion(share(each))),
      h('td', {class: 'num'}, number(each.requests / seconds)),
      h('td', {class: 'num'}, each.requests ? percent(1 - each.golden.failed / each.requests) : '–'),
      h('td', {class: 'num'}, millis(quantile(each.golden, 0.5, bounds))),
      h('td', {class: 'num'}, millis(quantile(each.golden, 0.99, bounds))),
      moved ? h('td', {class: 'num'}, bytes(bytesOf(each.golden) / seconds)) : null))));
}

/** How the last requests went that failed or were slow. */
function Kept({host}) {
  const kept = useTraces().kept.filter(each => hostOf(each.cluster) === host);
  if (kept.length === 0) return null;
  return h('section', null,
    h('h2', null, 'Failed or slow'),
    h(List, {kept: kept.slice(0, MOST_TRACES), label: 'Failed or slow requests'}),
    kept.length > MOST_TRACES ? h('p', null, h('a', {href: to('traces', '', {filter: host})}, `All ${kept.length} that are kept`)) : null);
}

function Callers({one}) {
  const {bounds, seconds} = world.value;
  const kept = useMemo(() => [new Map(), new Map()], []);
  const ranked = one.edges.map(edge => ({edge, ranks: [edge.told[0], requestsOf(edge.told)].map((count, i) => magnitude(kept[i], edge.id, count))}))
    .sort((a, b) => b.ranks[0] - a.ranks[0] || b.ranks[1] - a.ranks[1] || a.edge.id - b.edge.id); // those that fail first
  const carried = bytesOf(one.golden) > 0 || one.opened > 0;
  return h('section', null,
    h('h2', null, 'Callers'),
    h(Table, {label: 'Callers', head: ['From', 'To version', 'mTLS', {text: 'Req/s', class: 'num'},
      {text: 'Failed', class: 'num'}, {text: 'p99', class: 'num'}, ...(carried ? [{text: 'Bytes/s', class: 'num'}] : [])]},
    ranked.slice(0, MOST_CALLERS).map(({edge}) => {
      const golden = none();
      add(golden, edge.told);
      const count = requests(golden);
      return h('tr', {key: edge.id},
        h('th', {scope: 'row'}, edge.source.workload === 'unknown' ? 'unknown callers'
          : `${edge.source.namespace}/${edge.source.workload}`),
        h('td', null, edge.destination.version),
        h('td', null, h(Proved, {proved: proved(edge)})),
        h('td', {class: 'num'}, number(count / seconds)),
        h('td', {class: 'num'}, count ? failing(golden.failed / count) : '–'),
        h('td', {class: 'num'}, count ? millis(quantile(golden, 0.99, bounds)) : '–'),
        carried ? h('td', {class: 'num'}, bytes(bytesOf(golden) / seconds)) : null);
    })),
    one.edges.length > MOST_CALLERS ? h('p', null, `and ${one.edges.length - MOST_CALLERS} more, see weft edges`) : null);
}

function ill(endpoint) {
  return endpoint.health === 'healthy' ? 0 : 1;
}

function Endpoints({host, clusters}) {
  const mine = (clusters?.clusters ?? []).filter(each => hostOf(each.name) === host);
  const all = new Map();
  for (const cluster of mine) { // one for each version, and one for all: what goes to an endpoint is theirs together
    for (const endpoint of cluster.endpoints) {
      const before = all.get(endpoint.address);
      all.set(endpoint.address, !before ? endpoint : {
        ...(before.health === 'healthy' ? endpoint : before),
        in_flight: before.in_flight + endpoint.in_flight,
        connections: before.connections + endpoint.connections,
        ejections: before.ejections + endpoint.ejections,
      });
    }
  }
  const rows = [...all.values()].sort((a, b) => ill(b) - ill(a)); // else as they were configured
  return h('section', null,
    h('h2', null, 'Endpoints'),
    all.size === 0
      ? h(Empty, {title: 'No endpoint.'}, h('p', null, 'A ServiceEntry names them, or the cluster does: ',
        h('a', {href: to('config')}, 'the configuration'), '.'))
      : h(Table, {label: 'Endpoints', head: ['Address', 'Health', 'Labels', {text: 'In flight', class: 'num'},
        {text: 'Connections', class: 'num'}, {text: 'Ejections', class: 'num'}]},
      rows.slice(0, MOST_ENDPOINTS).map(each => h('tr', {key: each.address},
        h('th', {scope: 'row'}, each.address),
        h('td', null, h(Level, {level: each.health === 'healthy' ? 'ok' : 'bad', text: each.health})),
        h('td', {class: 'whole'}, Object.entries(each.labels).map(([name, value]) => `${name}=${value}`).join(', ')),
        h('td', {class: 'num'}, each.in_flight),
        h('td', {class: 'num'}, each.connections),
        h('td', {class: 'num'}, each.ejections)))),
    rows.length > MOST_ENDPOINTS ? h('p', null, `and ${rows.length - MOST_ENDPOINTS} more`) : null);
}
