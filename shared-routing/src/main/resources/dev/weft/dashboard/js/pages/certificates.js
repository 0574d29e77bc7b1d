/** Certificates in use and how long they last. */
import {h, Fragment} from 'preact';
import {world} from '../live.js';
import {useAsked} from '../ask.js';
import {Asking, Command, Empty, Level, Name, Table, Trouble} from '../ui.js';
import {span} from '../format.js';

const WARN_OF_LIFE = 0.2;
const MOST = 200;

export function Certificates() {
  const asked = useAsked('../certs', 10_000);
  const now = world.value?.now;
  if (!asked.value || !now) return h(Fragment, null, h(Trouble, {text: asked.error}), h(Asking, null));
  const {certificates, faults} = asked.value;
  const soonest = [...certificates].sort((a, b) => Date.parse(a.not_after) - Date.parse(b.not_after));
  return h(Fragment, null,
    h(Trouble, {text: asked.error}),
    faults.length === 0 ? null : h('section', {'aria-labelledby': 'faults'},
      h('h2', {id: 'faults'}, 'What is wrong'),
      h('ul', {class: 'findings'}, faults.map((fault, i) => h('li', {key: i, class: 'bad'},
        h(Level, {level: 'bad', text: fault.kind}), ` ${fault.of}: ${fault.message}`)))),
    certificates.length === 0
      ? h(Empty, {title: 'This proxy has no identity, and shows no certificate to callers.'},
        h('p', null, 'Give it one with --identity dir:PATH or --identity control:HOST:PORT; without it mTLS is not possible.'))
      : h(Table, {label: 'Certificates', head: ['Identity', {text: 'Time left', class: 'num'}, 'Ends', 'Issuer']},
        soonest.slice(0, MOST).map(one => h(Row, {key: one.id + one.not_after, one, now}))),
    soonest.length > MOST ? h('p', null, `and ${soonest.length - MOST} more, which last longer`) : null,
    h(Command, {text: 'weft doctor', of: false}));
}

function Row({one, now}) {
  const [from, until] = [Date.parse(one.not_before), Date.parse(one.not_after)];
  const left = until - now;
  const level = left <= 0 ? 'bad' : left < (until - from) * WARN_OF_LIFE ? 'warn' : 'ok';
  return h('tr', {class: level},
    h('th', {scope: 'row', class: 'break'}, h(Name, {text: one.id})),
    h('td', {class: 'num'}, h(Level, {level, text: left <= 0 ? `ended ${span(left)} ago` : span(left)})),
    h('td', {class: 'whole'}, h('time', {dateTime: one.not_after}, one.not_after.replace('T', ' '))),
    h('td', {class: 'break'}, one.issuer));
}
