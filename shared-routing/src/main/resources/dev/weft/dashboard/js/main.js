/** The frame around all pages: where one is, whether it is live, keys. */
import {h, render, Fragment} from 'preact';
import {useEffect, useRef} from 'preact/hooks';
import {computed} from '@preact/signals';
import {connection, listen, world} from './live.js';
import {findingsOf, servicesOf} from './model.js';
import {place, to} from './place.js';
import {onKeys, Keys} from './keys.js';
import {serviceName} from './ui.js';
import {Overview} from './pages/overview.js';
import {Topology} from './pages/topology.js';
import {Service} from './pages/service.js';
import {Routes} from './pages/routes.js';
import {Route} from './pages/route.js';
import {Canary} from './pages/canary.js';
import {Trace, Traces} from './pages/traces.js';
import {Tap} from './pages/tap.js';
import {Config} from './pages/config.js';
import {History} from './pages/history.js';
import {Certificates} from './pages/certificates.js';
import {Proxies} from './pages/proxies.js';

/** What is known of every service, computed once for each event. */
const services = computed(() => (world.value ? servicesOf(world.value) : []));
const findings = computed(() => (world.value ? findingsOf(world.value, services.value) : []));

/**
 * In the order of the menu; pages of one service, rule or trace are reached from the others. Those with
 * `of` are of a single proxy, or of a mesh, alone.
 */
const PAGES = {
  '': {title: 'Overview', view: Overview},
  topology: {title: 'Topology', view: Topology},
  proxies: {title: 'Proxies', view: Proxies, of: 'mesh'},
  routes: {title: 'Routes', view: Routes},
  canary: {title: 'Canary', view: Canary, of: 'proxy'},
  traces: {title: 'Traces', view: Traces},
  tap: {title: 'Tap', view: Tap, of: 'proxy'},
  config: {title: 'Configuration', view: Config},
  history: {title: 'History', view: History},
  certificates: {title: 'Certificates', view: Certificates},
};

/** The mesh whose control plane shows these pages of one of its proxies; empty where a proxy shows its own. */
const MESH = /\/proxies\/\d+\/dashboard\//.test(location.pathname) ? '../../../dashboard/#/proxies' : '';

const WORDS = {live: 'live', waiting: 'connecting', lost: 'no answer: what is shown is old'};

function App() {
  const at = place.value;
  const page = pageOf(at);
  const title = page ? page.title : 'No such page';
  const heading = useRef(null);
  useEffect(() => {
    document.title = `${title} · Weft`;
  }, [title]);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) heading.current?.focus();
    first.current = false;
  }, [at.page, at.of]);
  return h(Fragment, null,
    h('a', {class: 'skip', href: '#main', onClick: skip}, 'To the content'),
    h('header', null,
      h('p', {class: 'brand'}, h('a', {href: '#/'}, 'Weft'), ' ',
        h('span', {class: 'proxy'}, world.value?.state.name ?? ''),
        MESH ? h('span', null, ' ', h('a', {href: MESH}, 'all proxies')) : null),
      h('nav', {'aria-label': 'Pages'}, h('ul', null, Object.entries(PAGES).filter(([, one]) => fits(one)).map(([name, one]) =>
        h('li', {key: name}, h('a', {href: to(name), 'aria-current': at.page === name ? 'page' : undefined},
          one.title))))),
      h('p', {class: `connection ${connection.value}`, role: 'status'}, WORDS[connection.value])),
    h('main', {id: 'main', tabIndex: -1},
      h('h1', {ref: heading, tabIndex: -1}, title),
      page
        ? h(page.view, {services: services.value, findings: findings.value, key: `${at.page}/${at.of}`})
        : h('p', null, 'There is no such page. ', h('a', {href: '#/'}, 'To the overview'))),
    h(Keys, null));
}

function fits(page) {
  return !page.of || page.of === (world.value?.state.mesh ? 'mesh' : 'proxy');
}

/** @param {import('./place.js').Place} at */
function pageOf(at) {
  if (at.page === 'service') return {title: serviceName(at.of), view: Service};
  if (at.page === 'route') return {title: at.of, view: Route};
  return at.page === 'traces' && at.of ? {title: 'Trace', view: Trace} : PAGES[at.page];
}

function skip(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}

listen();
onKeys();
const root = document.getElementById('app');
root.replaceChildren();
render(h(App, null), root);
