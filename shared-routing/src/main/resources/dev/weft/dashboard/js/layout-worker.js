/**
 * Lays a graph out from left to right, by dagre: the only file that knows it. What dagre takes grows
 * much faster than the edges do, so in a large graph only the busiest callers of each node decide
 * where it goes; the other edges are drawn between nodes that have their place already.
 */
import {Graph, layout} from '../vendor/dagre-3.1.3/dagre.esm.js';

const MARGIN = 24;
const MOST_EDGES = 150; // that are laid out all; about 100 ms
const CALLERS = 1; // of a node that decide, where there are more

/** @param {[string, string, number][]} edges with what went over them @returns {[string, string, number][]} */
function deciding(edges) {
  if (edges.length <= MOST_EDGES) return edges;
  const callers = new Map();
  return [...edges].sort((a, b) => b[2] - a[2]).filter(([from, to]) => {
    const before = callers.get(to) ?? 0;
    if (from === to || before >= CALLERS) return false;
    callers.set(to, before + 1);
    return true;
  });
}

addEventListener('message', ({data: {asked, nodes, edges, width, height}}) => {
  const graph = new Graph();
  graph.setGraph({rankdir: 'LR', nodesep: 18, ranksep: 150, marginx: MARGIN, marginy: MARGIN});
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(node, {width, height});
  for (const [from, to] of deciding(edges)) graph.setEdge(from, to);
  layout(graph);
  const at = node => graph.node(node);
  postMessage({
    asked,
    width: graph.graph().width,
    height: graph.graph().height,
    nodes: nodes.map(node => [node, {x: at(node).x, y: at(node).y}]),
    edges: edges.map(([from, to]) => [`${from}\n${to}`,
      graph.edge(from, to)?.points ?? direct(at(from), at(to), width)]),
  });
});

function direct(from, to, width) {
  return [{x: from.x + width / 2, y: from.y}, {x: to.x - width / 2, y: to.y}];
}
