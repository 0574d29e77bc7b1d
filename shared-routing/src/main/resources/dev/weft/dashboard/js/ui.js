/** Pieces that more than one page needs. Whatever comes from outside is only ever a text node. */
import {h} from 'preact';
import {useEffect, useRef, useState} from 'preact/hooks';
import {world} from './live.js';
import {ago} from './format.js';
import {ADMIN} from './place.js';

const SIGNS = {bad: '✖', warn: '▲', ok: '●', idle: '○'};
const WORDS = {bad: 'failing', warn: 'look at it', ok: 'well', idle: 'idle'};

/** A state: colour, sign and word, so that none of them is needed alone. */
export function Level({level, text = WORDS[level]}) {
  return h('span', {class: `level ${level}`},
    h('span', {'aria-hidden': 'true'}, SIGNS[level]), ' ', text);
}

/** A command that tells the same, to be copied. @param {{text: string, of?: boolean}} _ of: of a port that is asked */
export function Command({text: words, of = true}) {
  const [done, setDone] = useState(false);
  const text = of && ADMIN ? `${words} --admin ${ADMIN}` : words;
  const copy = async () => {
    await navigator.clipboard?.writeText(text).catch(() => {});
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return h('p', {class: 'command'},
    h('code', null, text), ' ',
    h('button', {type: 'button', onClick: copy, 'aria-label': `Copy: ${text}`}, done ? 'copied' : 'copy'));
}

/** What stands where there is nothing yet: what it would show, and what to do. */
export function Empty({title, children}) {
  return h('div', {class: 'empty'}, h('p', null, h('strong', null, title)), children);
}

/** What stands there until it is known what does. */
export function Asking() {
  return h(Empty, {title: world.value?.state.mesh ? 'Asking the control plane…' : 'Asking this proxy…'});
}

/** A long name, which breaks where its parts end. @param {{text: string}} of */
export function Name({text}) {
  return text.split(/(?<=[/.])(?=[^/])/).map((part, i) => (i ? [h('wbr', null), part] : part));
}

/** The name of a service, or what those requests are that went to none. */
export function serviceName(host) {
  return host === 'unknown' ? 'no service: answered here' : host;
}

const LOCK = 'M4 7V5a3 3 0 0 1 6 0v2h1v6H3V7zm1.5 0h3V5a1.5 1.5 0 0 0-3 0z';

/** Whether both ends of a connection proved who they are. */
export function Proved({proved}) {
  return h('span', {class: 'proved'}, proved
    ? h('svg', {viewBox: '0 0 14 14', width: 14, height: 14, 'aria-hidden': 'true', class: 'lock'}, h('path', {d: LOCK}))
    : null, proved ? ' proved' : 'not proved');
}

/** The same lock within a picture, its lower left corner there. */
export function Lock({x, y}) {
  return h('path', {d: LOCK, class: 'lock', transform: `translate(${x - 14} ${y - 12})`});
}

/** A time, relative, with the absolute one behind it. */
export function When({at, now}) {
  const iso = new Date(at).toISOString();
  return h('time', {dateTime: iso, title: iso}, ago(at, now));
}

/**
 * A table that scrolls within itself where it is too wide. On a phone its rows stand one below the other, with the
 * head's words beside each value: `--c2` is what is written before the second of a row.
 */
export function Table({label, head, children, class: kind = ''}) {
  const words = Object.fromEntries(head.map((one, i) => [`--c${i + 1}`, JSON.stringify(one.text ?? one)]));
  return h('div', {class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': label},
    h('table', {class: kind, style: words},
      h('thead', null, h('tr', null, head.map(one =>
        h('th', {scope: 'col', class: one.class ?? ''}, one.text ?? one)))),
      h('tbody', null, children)));
}

/** Something could not be asked. */
export function Trouble({text}) {
  return text ? h('p', {class: 'trouble', role: 'alert'}, '✖ ', text) : null;
}

/** One number with its name. */
export function Fact({name, children, level = ''}) {
  return h('div', {class: `fact ${level}`}, h('dt', null, name), h('dd', null, children));
}

/**
 * Asks before something is changed; Escape means no.
 *
 * @param {{title: string, yes: string, onYes: () => void, onNo: () => void, children: any}} of
 */
export function Confirm({title, yes, onYes, onNo, children}) {
  const box = useRef(null);
  useEffect(() => box.current.showModal(), []);
  const answered = () => (box.current.returnValue === 'yes' ? onYes() : onNo());
  return h('dialog', {ref: box, 'aria-labelledby': 'confirm', onClose: answered},
    h('h2', {id: 'confirm'}, title),
    children,
    h('form', {method: 'dialog', class: 'answers'},
      h('button', {value: 'yes', class: 'strong'}, yes), h('button', {value: 'no'}, 'Cancel')));
}
