/**
 * Lays a graph out from left to right. A small one by dagre, which only this file knows; what that takes
 * grows much faster than the edges do, so the nodes of a large one stand in columns by how many calls
 * they are away from where calls begin.
 */
import {Graph, layout} from '../vendor/dagre-3.1.3/dagre.esm.js';

const MARGIN = 24;
const MOST_EDGES = 150; // for dagre; about 100 ms
const BESIDE = 18; // between nodes of a column
const BETWEEN = 80; // columns
const MOST_COLUMNS = 7; // so that names can be read on a page; more where the calls are longer
const SWEEPS = 4; // that bring nodes closer to those that they call

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {{asked: number, nodes: string[], edges: [string, string, number][], width: number, height: number,
 *   label: {width: number, height: number} | null}} Asked label: room that is kept on each edge
 */
addEventListener('message', ({data}) => {
  const found = data.edges.length <= MOST_EDGES ? small(data) : large(data);
  postMessage({asked: data.asked, ...found});
});

/** @param {Asked} of */
function small({nodes, edges, width, height, label}) {
  const graph = new Graph();
  graph.setGraph({rankdir: 'LR', nodesep: BESIDE, ranksep: label ? 60 : 150, marginx: MARGIN, marginy: MARGIN});
  for (const node of nodes) graph.setNode(node, {width, height});
  for (const [from, to] of edges) graph.setEdge(from, to, label ? {...label, labelpos: 'c'} : {});
  layout(graph);
  return {
    width: graph.graph().width,
    height: graph.graph().height,
    nodes: nodes.map(node => [node, {x: graph.node(node).x, y: graph.node(node).y}]),
    edges: edges.map(([from, to]) => {
      const {points, x, y} = graph.edge(from, to);
      return [`${from} > ${to}`, {points, middle: x === undefined ? between(points) : {x, y}}];
    }),
  };
}

/** @param {Asked} of */
function large({nodes, edges, width, height}) {
  const columns = closer(columnsOf(nodes, edges), edges);
  const most = Math.max(...columns.map(one => one.length));
  const at = new Map();
  columns.forEach((column, i) => column.forEach((node, j) => at.set(node, {
    x: MARGIN + width / 2 + i * (width + BETWEEN),
    y: MARGIN + height / 2 + (j + i / columns.length) * (height + BESIDE), // no line is level, along a row of others
  })));
  return {
    width: 2 * MARGIN + columns.length * width + (columns.length - 1) * BETWEEN,
    height: 2 * MARGIN + (most + 1) * height + most * BESIDE,
    nodes: [...at],
    edges: edges.map(([from, to]) => {
      const points = direct(at.get(from), at.get(to), width);
      return [`${from} > ${to}`, {points, middle: before(points)}];
    }),
  };
}

/** One for each step, or several where so many nodes are that far away. @returns {string[][]} */
function columnsOf(nodes, edges) {
  const away = steps(nodes, edges);
  const groups = Array.from({length: Math.max(...away.values()) + 1}, () => []);
  for (const node of nodes) groups[away.get(node)].push(node);
  const needed = rows => groups.reduce((sum, all) => sum + Math.ceil(all.length / rows), 0);
  let rows = Math.ceil(nodes.length / MOST_COLUMNS);
  while (rows < nodes.length && needed(rows) > MOST_COLUMNS) rows++;
  return groups.flatMap(all => {
    const count = Math.ceil(all.length / rows);
    return Array.from({length: count}, (_, i) => all.filter((_, j) => j % count === i));
  });
}

/** How many calls each node is away from one that nobody calls; where there is none, from one that calls most. */
function steps(nodes, edges) {
  const calls = new Map(nodes.map(node => [node, []]));
  const called = new Map(nodes.map(node => [node, 0]));
  for (const [from, to] of edges) {
    if (from === to) continue;
    calls.get(from).push(to);
    called.set(to, called.get(to) + 1);
  }
  const away = new Map(nodes.filter(node => called.get(node) === 0).map(node => [node, 0]));
  const begin = [...nodes].sort((a, b) => calls.get(b).length - calls.get(a).length);
  for (let next = [...away.keys()]; away.size < nodes.length;) {
    if (next.length === 0) next = [begin.find(node => !away.has(node))];
    const node = next.shift();
    if (!away.has(node)) away.set(node, 0);
    for (const to of calls.get(node)) {
      if (away.has(to)) continue;
      away.set(to, away.get(node) + 1);
      next.push(to);
    }
  }
  return away;
}

/** Each column ordered by where those stand that its nodes call, or that call them. */
function closer(columns, edges) {
  const others = new Map(columns.flat().map(node => [node, []]));
  for (const [from, to] of edges) {
    others.get(from).push(to);
    others.get(to).push(from);
  }
  const at = new Map();
  const place = column => column.forEach((node, i) => at.set(node, (i + 0.5) / column.length));
  columns.forEach(place);
  const wanted = node => others.get(node).reduce((sum, one) => sum + at.get(one), 0) / (others.get(node).length || 1);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const column of columns) {
      const by = new Map(column.map(node => [node, wanted(node)]));
      column.sort((a, b) => by.get(a) - by.get(b));
      place(column);
    }
  }
  return columns;
}

/** From side to side, whichever face each other; within a column around it. @returns {Point[]} */
function direct(from, to, width) {
  const half = width / 2;
  if (from.x < to.x) return [{x: from.x + half, y: from.y}, {x: to.x - half, y: to.y}];
  if (from.x > to.x) return [{x: from.x - half, y: from.y}, {x: to.x + half, y: to.y}];
  return [{x: from.x + half, y: from.y}, {x: from.x + half + BETWEEN / 3, y: (from.y + to.y) / 2}, {x: to.x + half, y: to.y}];
}

/** Where a line comes to the column that it leads to: further on it may go over other nodes. */
function before(points) {
  const [from, to] = points.slice(-2);
  const part = Math.min(0.5, BETWEEN / 2 / Math.abs(to.x - from.x));
  return {x: to.x + (from.x - to.x) * part, y: to.y + (from.y - to.y) * part};
}

function between(points) {
  const [one, other] = [points[Math.floor((points.length - 1) / 2)], points[Math.ceil((points.length - 1) / 2)]];
  return {x: (one.x + other.x) / 2, y: (one.y + other.y) / 2};
}
