/** What can be done by keyboard alone, beside the browser's own keys. */
import {h} from 'preact';
import {useEffect, useRef} from 'preact/hooks';
import {signal} from '@preact/signals';
import {to} from './place.js';

const PATIENCE = 1500; // milliseconds between "g" and what follows
const GO = {o: '', t: 'topology', r: 'routes', w: 'canary', s: 'traces', l: 'tap', c: 'config', h: 'history', e: 'certificates', p: 'proxies'};

const open = signal(false);

/** Listens on the whole page. */
export function onKeys() {
  let began = -Infinity;
  addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return;
    const going = performance.now() - began < PATIENCE;
    began = -Infinity;
    if (going && event.key in GO) {
      location.hash = to(GO[event.key]);
    } else if (event.key === 'g') {
      began = performance.now();
    } else if (event.key === '/') {
      const filter = document.querySelector('[data-filter]');
      if (!filter) return;
      filter.focus();
    } else if (event.key === '?') {
      open.value = true;
    } else {
      return;
    }
    event.preventDefault();
  });
}

function writes(target) {
  return target instanceof HTMLElement && target.closest('input, select, textarea, dialog') !== null;
}

/** The list of keys, shown by `?`. */
export function Keys() {
  const box = useRef(null);
  useEffect(() => {
    if (open.value && !box.current.open) box.current.showModal();
  }, [open.value]);
  const row = (key, does) => h('tr', null, h('th', {scope: 'row'}, h('kbd', null, key)), h('td', null, does));
  return h('footer', null,
    h('button', {type: 'button', onClick: () => { open.value = true; }}, 'Keys (?)'),
    h('dialog', {ref: box, 'aria-labelledby': 'keys', onClose: () => { open.value = false; }},
      h('h2', {id: 'keys'}, 'Keys'),
      h('table', null, h('tbody', null,
        row('g o', 'overview'), row('g t', 'topology'), row('g r', 'routes'), row('g w', 'canary: weights'), row('g s', 'traces'),
        row('g l', 'tap'), row('g c', 'configuration'), row('g h', 'history'), row('g e', 'certificates'), row('g p', 'proxies of a mesh'), row('/', 'to the filter'),
        row('+ − 0', 'larger, smaller, fitting graph'), row('?', 'these keys'))),
      h('form', {method: 'dialog'}, h('button', null, 'Close'))));
}
