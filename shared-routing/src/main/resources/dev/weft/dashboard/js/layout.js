/** Where the nodes of a graph go, found by a worker so that a large graph holds nothing up. */

/** Of a node, in the units of the picture. */
export const WIDTH = 210;
export const HEIGHT = 46;

let worker = null;
let asked = 0;

/**
 * @typedef {{width: number, height: number, nodes: Map<string, {x: number, y: number}>,
 *   edges: Map<string, {points: {x: number, y: number}[], middle: {x: number, y: number}}>}} Placed edges by `FROM > TO`
 * @param {string[]} nodes
 * @param {[string, string, number][]} edges with what went over them
 * @param {{width: number, height: number} | null} label room that is kept in the middle of each edge
 * @returns {Promise<Placed>} never of an earlier question
 */
export function layout(nodes, edges, label) {
  worker ??= new Worker(new URL('layout-worker.js', import.meta.url), {type: 'module'});
  const mine = ++asked;
  return new Promise(resolve => {
    const heard = ({data}) => {
      if (data.asked !== mine) return;
      worker.removeEventListener('message', heard);
      resolve({...data, nodes: new Map(data.nodes), edges: new Map(data.edges)});
    };
    worker.addEventListener('message', heard);
    worker.postMessage({asked: mine, nodes, edges, label, width: WIDTH, height: HEIGHT});
  });
}
