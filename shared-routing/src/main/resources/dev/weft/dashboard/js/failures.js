/** Why requests failed here, what that means and what to do. */
import {h} from 'preact';
import {world} from './live.js';
import {to} from './place.js';
import {useAsked} from './ask.js';
import {Table, When} from './ui.js';

const NEVER = 2 ** 31 - 1; // the words do not change while a proxy runs
const MOST = 50;

/** What each cause means; empty until it is known. @returns {Record<string, {means: string, do: string}>} */
export function useMeanings() {
  return useAsked('api/causes', NEVER).value ?? {};
}

/** All of them, the last first. @returns {Array<object>} */
export function useFailures() {
  return useAsked('api/failures', 5_000).value?.failures ?? [];
}

/** The causes of one service, with the last of each. */
export function Failures({host}) {
  const meanings = useMeanings();
  const mine = useFailures().filter(one => one.service === host);
  if (mine.length === 0) return null;
  return h('section', {'aria-labelledby': 'why'},
    h('div', {class: 'bar'}, h('h2', {id: 'why'}, 'Why requests failed'),
      h('a', {href: to('tap', '', {status: '5xx', cluster: host === 'unknown' ? '' : host})}, 'those that fail now')),
    h(Table, {label: 'Causes', head: ['Cause', {text: 'Requests', class: 'num'}, 'Last', 'What to do']},
      mine.slice(0, MOST).map(one => h('tr', {key: one.rule + one.cause},
        h('th', {scope: 'row'}, one.cause, h('small', null, one.rule)),
        h('td', {class: 'num'}, one.requests.toLocaleString('en')),
        h('td', {class: 'break'}, world.value ? h(When, {at: one.last, now: world.value.now}) : null,
          h('small', null, one.detail)),
        h('td', {class: 'whole'}, h(Meaning, {told: meanings[one.cause]}))))));
}

/** What a cause means and what to do. */
export function Meaning({told}) {
  return told ? [told.means, h('small', null, told.do)] : null;
}
