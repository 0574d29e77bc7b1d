/** A line without axes, for a row of a table; the row says the numbers. */
import {h} from 'preact';

const WIDTH = 140;
const HEIGHT = 24;
const EDGE = 2;

/** @param {{values: number[], bad: boolean}} of two values at least, from 0 up */
export function Spark({values, bad}) {
  const most = Math.max(...values) || 1;
  const at = (value, i) => [(i / (values.length - 1)) * WIDTH, HEIGHT - EDGE - (value / most) * (HEIGHT - 2 * EDGE)];
  const path = values.map((value, i) => `${i ? 'L' : 'M'}${at(value, i).map(one => one.toFixed(1)).join(' ')}`).join('');
  return h('svg', {class: bad ? 'spark bad' : 'spark', width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true'},
    h('path', {d: path}));
}
