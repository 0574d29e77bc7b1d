/** Rules that divide requests or connections: what each version got and how it does, and other weights for them. */
import {h, Fragment} from 'preact';
import {useState} from 'preact/hooks';
import {world} from '../live.js';
import {change, useAsked} from '../ask.js';
import {place, query, to} from '../place.js';
import {bytesOf, quantile} from '../golden.js';
import {carries, hostOf} from '../model.js';
import {interval, moved, off, worse} from '../shares.js';
import {bytes, has, millis, number, percent, portion} from '../format.js';
import {Asking, Command, Empty, Level, Table, Trouble, When} from '../ui.js';
import {Done} from './history.js';

/**
 * @typedef {{cluster: string, weight: number, versions: string[], requests: number, failed: number}} Share
 * @typedef {{rule: string, hosts: string[], place: string, since: string, source?: string,
 *   resource?: string, paths?: string[], writable: boolean, why?: string, shares: Share[]}} Rule
 * @typedef {import('./history.js').Version} Version
 */

const MOST = 50;
const STEPS = 100; // of a slider; of more it knows no steps
const MOST_CHANGES = 10;

/** @param {Share} share @returns {string} */
function nameOf({cluster}) {
  return cluster.split('|')[2] || hostOf(cluster);
}

/** @param {{requests: number, failed: number}[]} counts */
function summed(counts) {
  return counts.reduce((sum, one) => ({requests: sum.requests + one.requests, failed: sum.failed + one.failed}),
    {requests: 0, failed: 0});
}

/** What is wrong with a rule. @param {Rule} rule @returns {{level: string, text: string}[]} the worst first */
function findingsOf(rule) {
  const {shares} = rule;
  const things = carries(rule.rule) ? 'connections' : 'requests';
  const weights = shares.reduce((sum, one) => sum + one.weight, 0);
  const all = summed(shares).requests;
  const failing = shares.filter(one => worse(one, summed(shares.filter(other => other !== one)))).map(one => {
    const rest = summed(shares.filter(other => other !== one));
    return {level: 'bad', text: `${nameOf(one)} does worse: ${percent(1 - one.failed / one.requests)} of its ${things} succeed, `
      + `${percent(1 - rest.failed / rest.requests)} of the others`};
  });
  const astray = shares.filter(one => off(one.requests, all, one.weight / weights)).map(one => ({level: 'warn',
    text: `${nameOf(one)} got ${portion(one.requests / all)} instead of ${portion(one.weight / weights)}: `
      + 'callers that stay with their version do that'}));
  return [...failing, ...astray];
}

export function Canary({services}) {
  const asked = useAsked('../canary', 1_000);
  const history = useAsked('../config/history', 2_000).value?.versions ?? [];
  const filter = place.value.query.get('filter') ?? '';
  const told = (asked.value?.rules ?? []).map(rule => ({rule, findings: findingsOf(rule)}));
  const rank = {bad: 2, warn: 1};
  const shown = told.filter(({rule}) => has(rule.rule, filter) || rule.hosts.some(host => has(host, filter)))
    .sort((a, b) => (rank[b.findings[0]?.level] ?? 0) - (rank[a.findings[0]?.level] ?? 0));
  return h(Fragment, null,
    h('div', {class: 'bar'},
      h('p', {class: 'quiet'}, 'Rules that divide their requests, or connections, by weight.'),
      h('label', null, 'Filter ', h('input', {type: 'search', value: filter, 'data-filter': '',
        onInput: event => query({filter: event.target.value})}))),
    h(Trouble, {text: asked.error}),
    !asked.value ? h(Asking, null) : told.length === 0
      ? h(Empty, {title: 'No rule divides anything.'},
        h('p', null, 'A VirtualService whose route has two destinations, each with a weight, is shown here. ',
          h('a', {href: to('routes')}, 'All rules')))
      : shown.slice(0, MOST).map(({rule, findings}) =>
        h(One, {key: rule.rule, rule, findings, services, history})),
    told.length > 0 && shown.length === 0 ? h(Empty, {title: 'No rule that divides has that in its name.'}) : null,
    shown.length > MOST ? h('p', null, `and ${shown.length - MOST} more: write more of a name into the filter`) : null,
    h(Command, {text: 'weft routes'}));
}

/** @param {{rule: Rule, findings: {level: string, text: string}[], services: any[], history: Version[]}} of */
function One({rule, findings, services, history}) {
  const id = `rule-${encodeURIComponent(rule.rule)}`;
  return h('section', {'aria-labelledby': id, class: 'canary'},
    h('h2', {id}, rule.rule, h('small', null, rule.hosts.join(', '), ' ', h('code', null, rule.place))),
    findings.length ? h('ul', {class: 'findings'}, findings.map(one =>
      h('li', {key: one.text, class: one.level}, h(Level, {level: one.level, text: ''}), one.text))) : null,
    h(Shares, {rule, services}),
    rule.writable ? h(Weights, {rule, history})
      : h('p', null, h(Level, {level: 'idle', text: 'Read-only'}), `: ${rule.why}`),
    h(Changes, {rule, history}));
}

/** Versions side by side. @param {{rule: Rule, services: any[]}} of */
function Shares({rule, services}) {
  const weights = rule.shares.reduce((sum, one) => sum + one.weight, 0);
  const all = summed(rule.shares).requests;
  return h(Table, {label: `Shares of ${rule.rule}`, head: ['Version', {text: 'Intended', class: 'num'},
    {text: 'Measured', class: 'num'}, {text: carries(rule.rule) ? 'Connections' : 'Requests', class: 'num'}, {text: 'Success', class: 'num'},
    ...(carries(rule.rule) ? [{text: 'Bytes/s', class: 'num'}]
      : [{text: 'Req/s', class: 'num wide'}, {text: 'p50', class: 'num'}, {text: 'p99', class: 'num'}])]},
  rule.shares.map(one => {
    const [low, high] = interval(one.requests, all);
    const told = versionOf(one, services);
    const bounds = world.value?.bounds ?? [];
    return h('tr', {key: one.cluster},
      h('th', {scope: 'row'}, h('a', {href: to('service', hostOf(one.cluster))}, nameOf(one)), h('small', null, hostOf(one.cluster))),
      h('td', {class: 'num'}, portion(one.weight / weights), h('small', null, `weight ${one.weight}`)),
      h('td', {class: 'num'}, all ? portion(one.requests / all) : '–',
        all ? h('small', null, `${portion(low)} to ${portion(high)}`) : null),
      h('td', {class: 'num'}, one.requests.toLocaleString('en')),
      h('td', {class: 'num'}, one.requests ? percent(1 - one.failed / one.requests) : '–'),
      ...(carries(rule.rule) ? [h('td', {class: 'num'}, told && world.value ? bytes(bytesOf(told.golden) / world.value.seconds) : '–')] : [
        h('td', {class: 'num wide'}, told && world.value ? number(told.requests / world.value.seconds) : '–'),
        h('td', {class: 'num'}, told ? millis(quantile(told.golden, 0.5, bounds)) : '–'),
        h('td', {class: 'num'}, told ? millis(quantile(told.golden, 0.99, bounds)) : '–')]));
  }));
}

/** What is known of the version that a share leads to, of the last minute; nothing where there are several. */
function versionOf(share, services) {
  const service = services.find(one => one.host === hostOf(share.cluster));
  return share.versions.length === 1 ? service?.versions.find(one => one.name === share.versions[0]) : undefined;
}

/** @param {{rule: Rule, history: Version[]}} of */
function Weights({rule, history}) {
  const now = rule.shares.map(one => one.weight);
  const [draft, setDraft] = useState(null); // what was there when it was begun, and what shall be there
  const [done, setDone] = useState(null);
  const [refused, setRefused] = useState('');
  const [busy, setBusy] = useState(false);
  const sum = now.reduce((all, one) => all + one, 0);
  const wanted = draft?.to ?? now;
  const apply = async (from, next) => {
    setBusy(true);
    setDone(null);
    setRefused('');
    try {
      setDone(await change(`../config/weights?${new URLSearchParams({rule: rule.rule, from: from.join(), to: next.join()})}`));
      setDraft(null);
    } catch (failed) {
      setRefused(failed.message);
    }
    setBusy(false);
  };
  const before = beforeOf(rule, now, history);
  return h('form', {class: 'weights', onSubmit: event => {
    event.preventDefault();
    if (draft && !busy) apply(draft.from, draft.to);
  }},
  h('div', {class: 'sliders'}, rule.shares.map((one, i) => h('label', {key: one.cluster}, `Weight of ${nameOf(one)} `,
    h('input', {type: 'range', min: 0, max: sum, step: sum <= STEPS ? 1 : 'any', value: wanted[i],
      'aria-valuetext': `${wanted[i]} of ${sum}`,
      onInput: event => setDraft({from: draft?.from ?? now, to: moved(wanted, i, Math.round(Number(event.target.value)))})}),
    h('output', null, `${wanted[i]} of ${sum}`)))),
  h('div', {class: 'answers'},
    h('button', {class: 'strong', disabled: busy || !draft || same(draft.to, now)}, 'Apply'),
    draft ? h('button', {type: 'button', disabled: busy, onClick: () => { setDraft(null); setRefused(''); }}, 'Leave as it is') : null,
    before ? h('button', {type: 'button', disabled: busy, onClick: () => apply(now, before)}, `Roll back to ${before.join(' / ')}`) : null,
    h('span', {class: 'quiet'}, 'Written to ', h('code', null, rule.source))),
  h('div', {role: 'status', class: 'outcome'}, done ? h(Done, {done}) : null),
  h(Trouble, {text: refused ? `Not applied: ${refused}` : ''}));
}

function same(one, other) {
  return one.every((value, i) => value === other[i]);
}

/** @param {Rule} rule @param {Version[]} history @returns {{version: Version, fields: any[]}[]} the newest first */
function changesOf(rule, history) {
  return history.map(version => ({version, fields: version.changes
    .filter(one => one.resource === rule.resource)
    .flatMap(one => one.fields ?? [])
    .filter(field => rule.paths?.includes(field.path))})).filter(one => one.fields.length > 0);
}

/** The weights before those that are there now; nothing where they are not known. */
function beforeOf(rule, now, history) {
  const [last] = changesOf(rule, history);
  if (!last || last.fields.some(field => field.before === undefined)) return null;
  const field = i => last.fields.find(one => one.path === rule.paths[i]);
  const before = now.map((weight, i) => (field(i) ? Number(field(i).before) : weight));
  const held = now.every((weight, i) => !field(i) || Number(field(i).after) === weight);
  return held && before.every(Number.isInteger) && !same(before, now) ? before : null;
}

/** Who changed what, and what became of it. @param {{rule: Rule, history: Version[]}} of */
function Changes({rule, history}) {
  const changes = changesOf(rule, history);
  if (changes.length === 0) return null;
  const success = ({requests, failed}) => (requests ? percent(1 - failed / requests) : '–');
  return h(Table, {label: `Changes of the weights of ${rule.rule}`, class: 'changed',
    head: ['Changed', 'By', 'Weights', {text: 'All before it', class: 'num'}, {text: 'All since', class: 'num'}]},
  changes.slice(0, MOST_CHANGES).map(({version, fields}) => h('tr', {key: version.version},
    h('th', {scope: 'row'}, world.value ? h(When, {at: Date.parse(version.applied), now: world.value.now}) : version.applied,
      h('small', null, h('a', {href: to('history')}, `version ${version.version}`))),
    h('td', {class: 'break'}, version.cause),
    h('td', null, fields.map(field => h('div', {key: field.path},
      `${nameOf(rule.shares[rule.paths.indexOf(field.path)])}: ${field.before ?? 'none'} → ${field.after ?? 'none'}`))),
    h('td', {class: 'num'}, version.before ? success(version.before) : '–'),
    h('td', {class: 'num'}, success(version.served)))));
}
