/**
 * Charts over time, drawn by uPlot: the only file that knows it. Colours are those of the style
 * sheet; each chart says in words what it shows, since a canvas says nothing.
 */
import {h} from 'preact';
import {useEffect, useRef} from 'preact/hooks';

const APART = 72; // pixels between two times, which are 52 wide
const DARK = matchMedia('(prefers-color-scheme: dark)');

/** @param {Element} element @param {string} name of a custom property @returns {string} */
function colour(element, name) {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

/** @param {number[]} ticks in seconds since 1970 @returns {string[]} of this place, e.g. 12:03, or 12:03:50 where minutes are not enough */
function clocks(ticks) {
  const whole = ticks.every(tick => tick % 60 === 0);
  return ticks.map(tick => new Date(tick * 1000).toLocaleTimeString('en-GB').slice(0, whole ? 5 : 8));
}

/** @param {{label: string, colour: string, values: (number|null)[], dash?: number[]}[]} lines */
function series(element, lines) {
  return [{}, ...lines.map(line => ({
    label: line.label,
    stroke: colour(element, line.colour),
    width: 1.5,
    dash: line.dash,
    points: {show: false},
  }))];
}

function axes(element, format) {
  const common = {
    stroke: colour(element, '--quiet'),
    grid: {stroke: colour(element, '--line'), width: 1},
    ticks: {show: false},
    font: '12px system-ui, sans-serif',
  };
  return [
    {...common, size: 28, space: APART, values: (plot, ticks) => clocks(ticks)},
    {...common, size: 62, values: (plot, ticks) => ticks.map(tick => (tick === 0 ? '0' : format(tick)))}];
}

/**
 * @param {object} of
 * @param {string} of.title
 * @param {string} of.words what it shows, in words
 * @param {number[]} of.times in seconds since 1970
 * @param {{label: string, colour: string, values: (number|null)[], dash?: number[]}[]} of.lines
 * @param {(value: number) => string} of.format
 */
export function Chart({title, words, times, lines, format}) {
  const box = useRef(null);
  usePlot(box, times, lines, element => ({
    height: 150,
    legend: {show: false},
    cursor: {y: false, drag: {x: false, y: false}, sync: {key: 'hour'}},
    axes: axes(element, format),
    scales: {y: {range: (plot, low, high) => [0, high > 0 ? high * 1.1 : 1]}},
    padding: [8, 28, 0, 0], // half of a time stands beyond the last line
  }));
  return h('figure', {class: 'chart'},
    h('figcaption', null, h('strong', null, title), ' ',
      lines.length > 1 ? h('span', {class: 'legend'}, lines.map(line =>
        h('span', {key: line.label, class: `key key${line.colour}`}, line.label))) : null,
      h('span', {class: 'words'}, words)),
    h('div', {ref: box, class: 'plot', 'aria-hidden': 'true'}));
}

let library = null;

/** A plain script, which a page without charts does not wait for. */
function there() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL('../vendor/uplot-1.6.32/uPlot.iife.min.js', import.meta.url).href;
    script.addEventListener('load', resolve);
    script.addEventListener('error', reject);
    document.head.append(script);
  });
  return library;
}

const waiting = [];
const FRAME = 8; // milliseconds of one that drawing may take

/** Draws as soon as a frame has room for it, one after the other. */
function soon(draw) {
  if (waiting.push(draw) === 1) there().then(() => requestAnimationFrame(drawNext));
}

function drawNext() {
  const until = performance.now() + FRAME;
  try {
    do waiting.shift()(); while (waiting.length && performance.now() < until);
  } finally {
    if (waiting.length) requestAnimationFrame(drawNext);
  }
}

/** Draws, and again when its numbers, its room or the colours change. */
function usePlot(box, times, lines, options) {
  const kept = useRef(null);
  const data = [times, ...lines.map(line => line.values)];
  const latest = useRef(data);
  latest.current = data;
  const kinds = lines.map(line => line.label + line.colour).join(' ');
  useEffect(() => {
    const element = box.current;
    let over = false;
    const draw = () => {
      if (over) return;
      kept.current?.destroy();
      kept.current = new globalThis.uPlot(
        {width: Math.max(40, element.clientWidth), series: series(element, lines), ...options(element)},
        latest.current, element);
    };
    soon(draw);
    const sized = new ResizeObserver(() => {
      const plot = kept.current;
      const width = Math.max(40, element.clientWidth);
      if (plot && plot.width !== width) plot.setSize({width, height: plot.height});
    });
    sized.observe(element);
    const redraw = () => kept.current && draw();
    DARK.addEventListener('change', redraw);
    return () => {
      over = true;
      sized.disconnect();
      DARK.removeEventListener('change', redraw);
      kept.current?.destroy();
      kept.current = null;
    };
  }, [kinds]);
  useEffect(() => {
    kept.current?.setData(latest.current);
  }, [JSON.stringify(data)]);
}
