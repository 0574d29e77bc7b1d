/** The frame around all pages: where one is, whether it is live, keys. */
import {h, render, Fragment} from 'preact';
import {useEffect, useRef} from 'preact/hooks';
import {computed, effect, signal} from '@preact/signals';
import {connection, world} from './live.js';
import {findingsOf, servicesOf} from './model.js';
import {place, to} from './place.js';
import {onKeys, Keys} from './keys.js';
import {Name, serviceName} from './ui.js';

/** What is known of every service, computed once for each event. */
const asked = new Map();
const services = computed(() => (world.value ? servicesOf(world.value, asked) : []));
const findings = computed(() => (world.value ? findingsOf(world.value, services.value) : []));

/**
 * In the order of the menu; pages of one service, rule or trace are reached from the others. Those with
 * `of` are of a single proxy, or of a mesh, alone. Each is fetched when it is shown first.
 *
 * @typedef {{title: string, file: string, view?: string, of?: 'proxy'|'mesh'}} Page view: what of the file draws it
 * @type {Record<string, Page>}
 */
const PAGES = {
  '': {title: 'Overview', file: 'overview'},
  topology: {title: 'Topology', file: 'topology'},
  proxies: {title: 'Proxies', file: 'proxies', of: 'mesh'},
  routes: {title: 'Routes', file: 'routes'},
  canary: {title: 'Canary', file: 'canary'},
  traces: {title: 'Traces', file: 'traces'},
  tap: {title: 'Tap', file: 'tap'},
  config: {title: 'Configuration', file: 'config'},
  history: {title: 'History', file: 'history'},
  certificates: {title: 'Certificates', file: 'certificates'},
};

/** In whose part of the menu a page of one service or rule is. @type {Record<string, string>} */
const PARENTS = {service: '', route: 'routes'};

/** Files that were fetched, or could not be. @type {import('@preact/signals').Signal<Record<string, any>>} */
const fetched = signal({});
const wanted = new Set();

/** @param {string} file @returns {any} what it exports; null until it is there, an Error where it cannot be had */
function fileOf(file) {
  if (!wanted.has(file)) {
    wanted.add(file);
    const keep = what => { fetched.value = {...fetched.peek(), [file]: what}; };
    import(`./pages/${file}.js`).then(keep, () => keep(new Error(file)));
  }
  return fetched.value[file] ?? null;
}

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
        h('li', {key: name}, h('a', {href: to(name), 'aria-current': at.page === name ? 'page' : PARENTS[at.page] === name ? 'true' : undefined},
          one.title))))),
      h('p', {class: `connection ${connection.value}`, role: 'status'}, WORDS[connection.value])),
    h('main', {id: 'main', tabIndex: -1},
      h('h1', {ref: heading, tabIndex: -1}, h(Name, {text: title})),
      page
        ? h(Shown, {page, key: `${at.page}/${at.of}`})
        : h('p', null, 'There is no such page. ', h('a', {href: '#/'}, 'To the overview'))),
    h(Keys, null));
}

/** @param {{page: Page}} of */
function Shown({page: {file, view}}) {
  const there = fileOf(file);
  if (there === null) return h('p', {class: 'quiet'}, 'Fetching this page…');
  if (there instanceof Error) {
    return h('p', {class: 'trouble', role: 'alert'}, 'This page cannot be fetched: the proxy does not answer, or is of another version by now. ',
      h('button', {type: 'button', onClick: () => location.reload()}, 'Load it again'));
  }
  return h(there[view ?? file[0].toUpperCase() + file.slice(1)], {services: services.value, findings: findings.value});
}

function fits(page) {
  return !page.of || page.of === (world.value?.state.mesh ? 'mesh' : 'proxy');
}

/** @param {import('./place.js').Place} at */
function pageOf(at) {
  if (at.page === 'service') return {title: serviceName(at.of), file: 'service'};
  if (at.page === 'route') return {title: at.of, file: 'route'};
  return at.page === 'traces' && at.of ? {title: 'Trace', file: 'traces', view: 'Trace'}
    : Object.hasOwn(PAGES, at.page) ? PAGES[at.page] : undefined;
}

function skip(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}

/** The files of the other pages, once this one is drawn and there is nothing else to do. */
function fetchLater() {
  const links = document.getElementById('later').content;
  (globalThis.requestIdleCallback ?? setTimeout)(() => document.head.append(links));
}

const over = effect(() => {
  if (!world.value) return;
  fetchLater();
  queueMicrotask(() => over());
});
if (pageOf(place.peek())) fileOf(pageOf(place.peek()).file); // on its way before anything is drawn
onKeys();
const root = document.getElementById('app');
root.replaceChildren();
render(h(App, null), root);
