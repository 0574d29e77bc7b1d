/**
 * Who calls whom, from left to right: an edge's width is its rate, its colour and sign whether
 * requests fail, a lock that both ends proved who they are; bytes are of what is not HTTP. Below it the
 * same as a table.
 */
import {h, Fragment} from 'preact';
import {useEffect, useMemo, useRef, useState} from 'preact/hooks';
import {world} from '../live.js';
import {place, query, to} from '../place.js';
import {countsOf, graphOf, magnitude, settled} from '../model.js';
import {bytes, failing, has, millis, number} from '../format.js';
import {quantile} from '../golden.js';
import {Asking, Command, Empty, Lock, Proved, Table} from '../ui.js';
import {useGrowing} from '../seen.js';
import {layout, HEIGHT, WIDTH} from '../layout.js';

const FAILING = 0.01;
const MOST_ROWS = 50;
const RANKS = ['failed', 'requests', 'bytes']; // of rows
const ZOOM = 1.25;
const SMALLEST = 0.6; // so that words can be read: what is larger is scrolled
const LINKS_A_FRAME = 150;
const BYTES_OF_A_REQUEST = 10_000; // so much that is not HTTP is as wide as a request
const MOST_LABELS = 60; // beyond that only edges that fail say how much
const LABEL = {width: 132, height: 36};
const ROUGHLY = 0.25; // of what fails, where there are too many numbers to read each
const LETTER = 6.4; // of a label, wide

export function Topology({services}) {
  const structure = world.value?.structure;
  const whole = useMemo(() => graphOf(services), [structure]);
  const filter = place.value.query.get('filter') ?? '';
  const only = place.value.query.get('only') === 'failing';
  const before = useRef(new Set());
  const chosen = filter || only ? chosenOf(whole, filter, only, before.current) : null;
  before.current = new Set(chosen);
  const graph = useMemo(() => partOf(whole, chosen), [whole, chosen?.join('\n')]);
  const counts = graph.links.map(countsOf);
  const [placed, setPlaced] = useState(null);
  const [zoom, setZoom] = useState(0); // 0: as wide as the page
  useEffect(() => {
    if (graph.nodes.size === 0) {
      setPlaced(null); // nothing has no size, and what comes next is not drawn in that
      return undefined;
    }
    let over = false;
    layout([...graph.nodes.keys()], graph.links.map((link, i) => [link.from, link.to, counts[i].requests]),
      graph.links.length <= MOST_LABELS ? LABEL : null)
      .then(found => { if (!over) setPlaced(found); });
    return () => { over = true; };
  }, [graph]);
  useEffect(() => {
    const keys = {'+': () => setZoom(now => (now || 1) * ZOOM), '-': () => setZoom(now => (now || 1) / ZOOM), 0: () => setZoom(0)};
    const pressed = event => {
      if (event.target.closest('input, dialog') || !(event.key in keys) || event.ctrlKey || event.metaKey) return;
      keys[event.key]();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  if (!world.value) return h(Asking, null);
  if (whole.links.length === 0) {
    return h(Empty, {title: 'Nobody called anybody yet.'},
      h('p', null, 'Send a request through this proxy, then it is drawn here. ', h('a', {href: to('routes')}, 'Which hosts it has rules for')));
  }
  return h(Fragment, null,
    h('p', {class: 'quiet'}, 'Width: rate. ✖ and red: more than 1% fail. A lock: both ends proved who they are. Bytes: not HTTP.'),
    h('div', {class: 'bar'},
      h('label', null, 'Filter ', h('input', {type: 'search', value: filter, 'data-filter': '', size: 14,
        onInput: event => query({filter: event.target.value})})),
      h('label', null, h('input', {type: 'checkbox', checked: only,
        onChange: event => query({only: event.target.checked ? 'failing' : ''})}), ' only what fails'),
      h('span', {role: 'group', 'aria-label': 'Size of the graph'},
        h('button', {type: 'button', onClick: () => setZoom((zoom || 1) / ZOOM), 'aria-label': 'smaller'}, '−'),
        h('button', {type: 'button', onClick: () => setZoom(0)}, 'fit'),
        h('button', {type: 'button', onClick: () => setZoom((zoom || 1) * ZOOM), 'aria-label': 'larger'}, '+'))),
    graph.links.length === 0 ? h(Empty, {title: only ? 'No edge fails by more than 1%.' : 'No edge has that in a name of its ends.'}) : h('div', {class: 'graph', tabIndex: 0, role: 'region', 'aria-label': 'Graph; the same as a table below'},
      placed ? h(Picture, {graph, counts, levels: new Map(services.map(one => [one.host, one.level])), placed, zoom}) : h('p', {class: 'quiet'}, 'Drawing…')),
    graph.links.length ? h(Links, {graph, counts}) : null,
    h(Command, {text: 'weft edges'}));
}

/**
 * Links that are wanted, by their names. One that failed before stays as long as anything fails, so that
 * the graph does not jump.
 *
 * @param {Set<string>} before that were wanted
 * @returns {string[]}
 */
function chosenOf({nodes, links}, filter, only, before) {
  const wanted = id => has(nodes.get(id).label, filter);
  return links.filter(link => {
    if (!wanted(link.from) && !wanted(link.to)) return false;
    if (!only) return true;
    const {requests, failed} = countsOf(link);
    return requests > 0 && failed / requests >= (before.has(link.id) ? Number.MIN_VALUE : FAILING);
  }).map(link => link.id);
}

/** These links and their ends; the very graph where all are wanted. @param {string[] | null} chosen */
function partOf(whole, chosen) {
  if (chosen === null) return whole;
  const wanted = new Set(chosen);
  const links = whole.links.filter(link => wanted.has(link.id));
  const ends = new Set(links.flatMap(link => [link.from, link.to]));
  return {links, nodes: new Map([...whole.nodes].filter(([id]) => ends.has(id)))};
}

function Picture({graph, counts, levels, placed, zoom}) {
  const labels = graph.links.length <= MOST_LABELS;
  const drawn = useGrowing(graph.links.length, LINKS_A_FRAME);
  const kept = useMemo(() => ({widths: new Map(), shares: new Map(), lines: new Map(), labels: new Map()}), [placed]);
  const size = zoom ? {width: placed.width * zoom, height: placed.height * zoom}
    : {width: placed.width, style: {minWidth: `${placed.width * SMALLEST}px`}};
  const links = graph.links.slice(0, drawn).map((link, i) => linkOf(link, counts[i], placed, labels, kept));
  return h('svg', {viewBox: `0 0 ${placed.width} ${placed.height}`, ...size, class: `${zoom ? 'zoomed' : 'fitted'} ${labels ? '' : 'many'}`, role: 'group', 'aria-label': 'Who calls whom'},
    links.flatMap(one => one?.line ?? []),
    h('g', {class: 'over'},
      [...graph.nodes.values()].map(node => {
        const at = placed.nodes.get(node.id);
        return at ? h(Node, {key: node.id, node, level: levels.get(node.host) ?? 'ok', at}) : null;
      }),
      links.flatMap(one => one?.label ?? [])));
}

/** A line, and what is written on it; the very same as long as they look the same, so that they cost nothing then. */
function linkOf(link, {requests, failed, bytes: moved, opened, golden}, placed, labels, kept) {
  const way = placed.edges.get(link.id);
  if (!way) return null;
  const seconds = world.value.seconds;
  const bad = requests > 0 && failed / requests >= FAILING;
  const kind = bad ? 'bad' : requests || moved || opened ? 'ok' : 'idle';
  const width = thickness(kept.widths, link.id, requests / seconds + moved / seconds / BYTES_OF_A_REQUEST);
  const rate = requests || !moved ? `${number(requests / seconds)}/s` : `${bytes(moved / seconds)}/s`;
  const words = labels ? `${bad ? `✖ ${failing(failed / requests)} · ` : ''}${rate}`
    : bad ? `✖ ${settled(kept.shares, link.id, (100 * failed) / requests, ROUGHLY) || '<1'}%` : '';
  const below = labels && requests ? [`p99 ${millis(quantile(golden, 0.99, world.value.bounds))}`,
    moved ? `${bytes(moved / seconds)}/s` : ''].filter(Boolean).join(' · ') : '';
  return {
    line: same(kept.lines, link.id, `${kind} ${width}`,
      () => h(Line, {key: `${link.id} line`, points: way.points, kind, width})),
    label: words ? same(kept.labels, link.id, `${kind} ${words} ${below}`,
      () => h(Label, {key: `${link.id} label`, at: way.middle, kind, words, below, lock: labels && link.proved})) : null,
  };
}

/** @param {Map<string, {look: string, drawn: any}>} kept */
function same(kept, key, look, draw) {
  const before = kept.get(key);
  if (before?.look === look) return before.drawn;
  const drawn = draw();
  kept.set(key, {look, drawn});
  return drawn;
}

function Line({points, kind, width}) {
  const path = points.map((point, i) => `${i ? 'L' : 'M'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join('');
  return h('g', {class: `link ${kind}`}, h('path', {d: path, 'stroke-width': width}));
}

/** On a ground of its own, so that no line goes through it. */
function Label({at, kind, words, below, lock}) {
  const width = Math.max(words.length + (lock ? 3 : 0), below.length) * LETTER + 10;
  const height = below ? LABEL.height : LABEL.height / 2;
  const first = at.y - height / 2 + 13;
  const shift = lock ? 10 : 0;
  return h('g', {class: `label ${kind}`},
    h('rect', {x: at.x - width / 2, y: at.y - height / 2, width, height, rx: 4}),
    h('text', {'text-anchor': 'middle'},
      h('tspan', {x: at.x + shift, y: first}, words), below ? ' ' : null, below ? h('tspan', {x: at.x, y: first + 15}, below) : null),
    lock ? h(Lock, {x: at.x + shift - (words.length * LETTER) / 2 - 3, y: first}) : null);
}

/** Steps of a half for each doubling, so that what hardly changes is not drawn anew. */
function thickness(kept, name, rate) {
  return rate > 0 ? Math.min(8, 1 + magnitude(kept, name, rate) / 2) : 1;
}

function Node({node, level, at}) {
  return useMemo(() => nodeOf(node, level, at), [node, level, at]);
}

function nodeOf(node, level, at) {
  const box = h(Fragment, null,
    h('rect', {x: at.x - WIDTH / 2, y: at.y - HEIGHT / 2, width: WIDTH, height: HEIGHT, rx: 6}),
    h('text', {x: at.x, y: at.y - 2, 'text-anchor': 'middle'}, shortened(node.label)),
    h('text', {x: at.x, y: at.y + 14, 'text-anchor': 'middle', class: 'sub'},
      `${level === 'bad' ? '✖ failing ' : level === 'warn' ? '▲ ' : ''}${node.sub}`));
  return node.host
    ? h('a', {href: to('service', node.host), class: `node ${level}`}, box)
    : h('g', {class: `node ${level}`}, h('title', null, node.label), box);
}

/** The middle of a long name is what tells least. */
function shortened(text) {
  return text.length > 26 ? `${text.slice(0, 14)}…${text.slice(-11)}` : text;
}

function Links({graph, counts}) {
  const name = id => graph.nodes.get(id)?.label ?? id;
  const kept = useMemo(() => RANKS.map(() => new Map()), [graph]);
  const all = graph.links
    .map((link, i) => ({...counts[i], link, ranks: RANKS.map((by, at) => magnitude(kept[at], link.id, counts[i][by]))}))
    .sort((a, b) => b.ranks[0] - a.ranks[0] || b.ranks[1] - a.ranks[1] || b.ranks[2] - a.ranks[2]);
  const seconds = world.value.seconds;
  const carried = all.some(({bytes: moved, opened}) => moved || opened);
  return h('section', null,
    h('h2', null, 'Edges'),
    h(Table, {label: 'Edges', head: ['From', 'To', 'mTLS', {text: 'Req/s', class: 'num'}, {text: 'Failed', class: 'num'},
      {text: 'p99', class: 'num'}, ...(carried ? [{text: 'Bytes/s', class: 'num'}, {text: 'Conn/s', class: 'num'}] : [])]},
      all.slice(0, MOST_ROWS).map(({link, requests, failed, bytes: moved, opened, golden}) => h('tr', {key: link.id, class: failed ? 'bad' : ''},
        h('th', {scope: 'row'}, name(link.from)),
        h('td', {class: 'whole'}, name(link.to)),
        h('td', null, h(Proved, {proved: link.proved})),
        h('td', {class: 'num'}, number(requests / seconds)),
        h('td', {class: 'num'}, requests ? failing(failed / requests) : '–'),
        h('td', {class: 'num'}, requests ? millis(quantile(golden, 0.99, world.value.bounds)) : '–'),
        carried ? h('td', {class: 'num'}, moved ? bytes(moved / seconds) : '–') : null,
        carried ? h('td', {class: 'num'}, opened ? number(opened / seconds) : '–') : null))),
    all.length > MOST_ROWS ? h('p', null, `and ${all.length - MOST_ROWS} more, see weft edges`) : null);
}
