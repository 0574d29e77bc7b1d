/**
 * Who calls whom, from left to right: an edge's width is its rate, its colour and sign whether
 * requests fail, a lock that both ends proved who they are. Below it the same as a table.
 */
import {h, Fragment} from 'preact';
import {useEffect, useMemo, useState} from 'preact/hooks';
import {world} from '../live.js';
import {to} from '../place.js';
import {graphOf} from '../model.js';
import {number, percent} from '../format.js';
import {Command, Empty, Lock, Proved, Table} from '../ui.js';
import {layout, HEIGHT, WIDTH} from '../layout.js';

const FAILING = 0.01;
const MOST_ROWS = 50;
const ZOOM = 1.25;
const MOST_LABELS = 60; // beyond that only edges that fail say their numbers in the picture

export function Topology({services}) {
  const graph = graphOf(services);
  const shape = [...graph.nodes.keys(), ...graph.links.keys()].sort().join('\n');
  const [placed, setPlaced] = useState(null);
  const [zoom, setZoom] = useState(0); // 0: as wide as the page
  useEffect(() => {
    let over = false;
    layout([...graph.nodes.keys()], [...graph.links.values()].map(link => [link.from, link.to, link.requests]))
      .then(found => { if (!over) setPlaced(found); });
    return () => { over = true; };
  }, [shape]);
  useEffect(() => {
    const keys = {'+': () => setZoom(now => (now || 1) * ZOOM), '-': () => setZoom(now => (now || 1) / ZOOM), 0: () => setZoom(0)};
    const pressed = event => {
      if (event.target.closest('input, dialog') || !(event.key in keys) || event.ctrlKey || event.metaKey) return;
      keys[event.key]();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  if (!world.value) return h(Empty, {title: 'Asking this proxy…'});
  if (graph.links.size === 0) {
    return h(Empty, {title: 'Nobody called anybody yet.'},
      h('p', null, 'Send a request through this proxy, then it is drawn here. ', h('a', {href: to('routes')}, 'Which hosts it has rules for')));
  }
  return h(Fragment, null,
    h('div', {class: 'bar'}, h('p', {class: 'quiet'}, 'Width: rate. ✖ and red: more than 1% fail. A lock: both ends proved who they are.'),
      h('span', {role: 'group', 'aria-label': 'Size of the graph'},
        h('button', {type: 'button', onClick: () => setZoom((zoom || 1) / ZOOM), 'aria-label': 'smaller'}, '−'),
        h('button', {type: 'button', onClick: () => setZoom(0)}, 'fit'),
        h('button', {type: 'button', onClick: () => setZoom((zoom || 1) * ZOOM), 'aria-label': 'larger'}, '+'))),
    h('div', {class: 'graph', tabIndex: 0, role: 'region', 'aria-label': 'Graph; the same as a table below'},
      placed ? h(Picture, {graph, placed, zoom}) : h('p', {class: 'quiet'}, 'Drawing…')),
    h(Links, {graph}),
    h(Command, {text: 'weft edges'}));
}

function Picture({graph, placed, zoom}) {
  const seconds = world.value.seconds;
  const labels = graph.links.size <= MOST_LABELS;
  const size = zoom ? {width: placed.width * zoom, height: placed.height * zoom} : {width: placed.width};
  return h('svg', {viewBox: `0 0 ${placed.width} ${placed.height}`, ...size, class: `${zoom ? 'zoomed' : 'fitted'} ${labels ? '' : 'many'}`, role: 'group', 'aria-label': 'Who calls whom'},
    [...graph.links].map(([id, link]) => {
      const points = placed.edges.get(`${link.from}\n${link.to}`);
      return points ? h(Link, {key: id, link, points, labels, seconds}) : null;
    }),
    [...graph.nodes.values()].map(node => {
      const at = placed.nodes.get(node.id);
      return at ? h(Node, {key: node.id, node, at}) : null;
    }));
}

function Link({link, points, labels, seconds}) {
  const failing = link.requests ? link.failed / link.requests : 0;
  const bad = failing >= FAILING;
  const width = thickness(link.requests / seconds);
  const middle = points[Math.floor(points.length / 2)];
  const path = points.map((point, i) => `${i ? 'L' : 'M'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join('');
  const words = `${bad ? `✖ ${percent(failing)} ` : ''}${number(link.requests / seconds)}/s`;
  const kind = bad ? 'bad' : link.requests ? 'ok' : 'idle';
  return useMemo(() => h('g', {class: `link ${kind}`},
    h('path', {d: path, 'stroke-width': width}),
    labels || bad ? h('text', {x: middle.x, y: middle.y - 6, 'text-anchor': 'middle'}, words) : null,
    labels && link.proved ? h(Lock, {x: middle.x - words.length * 3.4, y: middle.y - 6}) : null),
  [points, labels, width, kind, labels || bad ? words : '', link.proved]);
}

/** Steps of a half for each doubling, so that what hardly changes is not drawn anew. */
function thickness(rate) {
  return rate > 0 ? Math.min(8, 1 + Math.round(Math.log2(1 + rate)) / 2) : 1;
}

function Node({node, at}) {
  const box = h(Fragment, null,
    h('rect', {x: at.x - WIDTH / 2, y: at.y - HEIGHT / 2, width: WIDTH, height: HEIGHT, rx: 6}),
    h('text', {x: at.x, y: at.y - 2, 'text-anchor': 'middle'}, shortened(node.label)),
    h('text', {x: at.x, y: at.y + 14, 'text-anchor': 'middle', class: 'sub'},
      `${node.level === 'bad' ? '✖ failing ' : node.level === 'warn' ? '▲ ' : ''}${node.sub}`));
  return node.host
    ? h('a', {href: to('service', node.host), class: `node ${node.level}`}, box)
    : h('g', {class: `node ${node.level}`}, h('title', null, node.label), box);
}

/** The middle of a long name is what tells least. */
function shortened(text) {
  return text.length > 26 ? `${text.slice(0, 14)}…${text.slice(-11)}` : text;
}

function Links({graph}) {
  const name = id => graph.nodes.get(id)?.label ?? id;
  const all = [...graph.links.values()].sort((a, b) => b.failed - a.failed || b.requests - a.requests);
  return h('section', null,
    h('h2', null, 'Edges'),
    h(Table, {label: 'Edges', head: ['From', 'To', 'mTLS', {text: 'Req/s', class: 'num'}, {text: 'Failed', class: 'num'}]},
      all.slice(0, MOST_ROWS).map(link => h('tr', {key: link.from + link.to, class: link.failed ? 'bad' : ''},
        h('th', {scope: 'row'}, name(link.from)),
        h('td', null, name(link.to)),
        h('td', null, h(Proved, {proved: link.proved})),
        h('td', {class: 'num'}, number(link.requests / world.value.seconds)),
        h('td', {class: 'num'}, link.requests ? percent(link.failed / link.requests) : '–')))),
    all.length > MOST_ROWS ? h('p', null, `and ${all.length - MOST_ROWS} more, see weft edges`) : null);
}
