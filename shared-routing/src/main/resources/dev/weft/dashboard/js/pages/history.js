/** The versions of the configuration that served: what changed, what that did to requests, the way back. */
import {h, Fragment} from 'preact';
import {useState} from 'preact/hooks';
import {world} from '../live.js';
import {change, useAsked} from '../ask.js';
import {worse} from '../shares.js';
import {counted, percent} from '../format.js';
import {Asking, Command, Confirm, Empty, Level, Table, Trouble, When} from '../ui.js';

/**
 * @typedef {{requests: number, failed: number}} Traffic
 * @typedef {{resource: string, kind: string, summary: string,
 *   fields?: {path: string, before?: string, after?: string}[]}} Change
 * @typedef {{version: number, applied: string, cause: string, changes: Change[], served: Traffic,
 *   before?: Traffic}} Version
 */

const MOST_CHANGES = 20;

export function History() {
  const asked = useAsked('../config/history', 2_000);
  const [wanted, setWanted] = useState(null);
  const [done, setDone] = useState(null);
  const [refused, setRefused] = useState('');
  /** @type {Version[]} */
  const versions = asked.value?.versions ?? [];
  const back = async () => {
    const {version} = wanted;
    setWanted(null);
    setDone(null);
    setRefused('');
    try {
      setDone(await change(`../config/rollback?version=${version}`));
    } catch (failed) {
      setRefused(failed.message);
    }
  };
  return h(Fragment, null,
    h(Trouble, {text: asked.error}),
    h('div', {role: 'status', class: 'outcome'}, done ? h(Done, {done}) : null),
    h(Trouble, {text: refused ? `Not rolled back: ${refused}` : ''}),
    h(Worse, {versions, onBack: setWanted}),
    !asked.value ? h(Asking, null) : versions.length === 0
      ? h(Empty, {title: 'Nothing served yet.'})
      : h('ol', {class: 'versions'}, versions.map((one, i) => h(One, {key: one.version, one, serves: i === 0, onBack: setWanted}))),
    wanted ? h(Confirm, {title: `Go back to version ${wanted.version}?`, yes: 'Go back', onYes: back, onNo: () => setWanted(null)},
      h('p', null, `All that changed since ${wanted.applied.replace('T', ' ')} is taken back: it serves at once, without a `
        + 'failed request, and is then written to the folders or ConfigMaps that it came from.')) : null,
    h(Command, {text: 'weft config history'}));
}

/** The newest version, where it did harm. @param {{versions: Version[], onBack: (one: Version) => void}} of */
function Worse({versions, onBack}) {
  const [now, then] = versions;
  if (!now || !then || !now.before || !worse(now.served, now.before)) return null;
  return h('ul', {class: 'findings'}, h('li', {class: 'bad'},
    h(Level, {level: 'bad', text: ''}),
    `Since version ${now.version} more requests fail: ${success(now.before)} succeeded before it, ${success(now.served)} do now. `,
    h('button', {type: 'button', onClick: () => onBack(then)}, `Go back to version ${then.version}`)));
}

/** @param {Traffic} traffic */
function success({requests, failed}) {
  return requests ? percent(1 - failed / requests) : '–';
}

/** @param {{one: Version, serves: boolean, onBack: (one: Version) => void}} of */
function One({one, serves, onBack}) {
  const bad = one.before && worse(one.served, one.before);
  return h('li', {class: bad ? 'bad' : ''},
    h('div', {class: 'bar'},
      h('h2', null, `Version ${one.version} `, serves ? h(Level, {level: 'ok', text: 'serves'}) : null),
      serves ? null : h('button', {type: 'button', onClick: () => onBack(one)}, `Go back to version ${one.version}`)),
    h('p', {class: 'quiet'}, world.value ? h(When, {at: Date.parse(one.applied), now: world.value.now}) : one.applied,
      ', by ', h('code', null, one.cause)),
    h('p', null, one.before ? `${success(one.before)} of ${one.before.requests.toLocaleString('en')} requests succeeded before it, ` : '',
      `${success(one.served)} of ${one.served.requests.toLocaleString('en')} ${serves ? 'since' : 'while it served'} `,
      bad ? h(Level, {level: 'bad', text: 'more fail'}) : null),
    one.changes.length === 0
      ? h('p', {class: 'quiet'}, one.before ? 'Nothing of what the resources say is another.' : 'The first that is known.')
      : h('ul', {class: 'changes'}, one.changes.slice(0, MOST_CHANGES).map(each => h('li', {key: each.resource}, h(Changed, {each})))),
    one.changes.length > MOST_CHANGES ? h('p', null, `and ${counted(one.changes.length - MOST_CHANGES, 'more resource')}`) : null);
}

/** @param {{each: Change}} of */
function Changed({each}) {
  if (!each.fields?.length) return each.summary;
  return h('details', null,
    h('summary', null, each.summary),
    h(Table, {label: `Fields of ${each.resource}`, class: 'fields', head: ['Field', 'Before', 'After']},
      each.fields.map(field => h('tr', {key: field.path},
        h('th', {scope: 'row'}, h('code', null, field.path)),
        h('td', {class: 'break'}, field.before ?? '(none)'),
        h('td', {class: 'break'}, field.after ?? '(none)')))));
}

/** What became of each source. */
export function Done({done}) {
  return h(Fragment, null,
    h('p', null, h(Level, {level: 'ok', text: done.to ? `Version ${done.to} serves again, as version ${done.version}.` : `Version ${done.version} serves.`})),
    h('ul', null, done.sources.map(one => h('li', {key: one.source}, h('code', null, one.source), ': ',
      one.written ? h(Level, {level: 'ok', text: 'written'})
        : h(Level, {level: 'warn', text: one.restored ? `not written: ${one.why}` : one.why})))));
}
