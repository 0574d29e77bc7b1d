/** The golden signals of the last hour as charts: of a service with its versions, or of a rule. */
import {h} from 'preact';
import {place, query} from './place.js';
import {add, bytesOf, none, quantile, requests, requestsOf} from './golden.js';
import {bytes, failing, millis, number} from './format.js';
import {Asking, Empty} from './ui.js';
import {Chart} from './chart.js';

const LINES = ['--line1', '--line2', '--line3', '--line4', '--line5'];

/**
 * @param {{told: null | {times: number[], step_seconds: number, bounds: number[],
 *   series: {version: string, points: any[]}[], upstreams?: {points: number[][]}[]}}} of what was
 *   answered, of a rule without upstreams; null until then
 */
export function Hour({told}) {
  if (!told) return h('div', {class: 'charts'}, h(Asking, null));
  if (told.times.length < 2) {
    return h('div', {class: 'charts'}, h(Empty, {title: 'The last hour is drawn from the second ten seconds on.'}));
  }
  const version = place.value.query.get('version') ?? '';
  const series = byVersions(told.series);
  const versions = series.map(each => each.version);
  const kept = series.filter(each => version === '' || each.version === version);
  const steps = told.times.map(() => none());
  const byVersion = kept.map(each => {
    const rates = told.times.map(() => 0);
    for (const [at, golden] of each.points) {
      add(steps[at], golden);
      rates[at] += requestsOf(golden) / told.step_seconds;
    }
    return {version: each.version, rates};
  });
  const times = told.times.map(at => at / 1000);
  const rate = steps.map(step => requests(step) / told.step_seconds);
  const errors = steps.map(step => (requests(step) ? step.failed / requests(step) : 0));
  const at = share => steps.map(step => (requests(step) ? quantile(step, share, told.bounds) : null));
  const [p50, p90, p99] = [at(0.5), at(0.9), at(0.99)];
  const load = told.times.map(() => 0);
  const waiting = told.times.map(() => 0);
  for (const upstream of told.upstreams ?? []) {
    for (const [step, inFlight, pending] of upstream.points) {
      load[step] += inFlight;
      waiting[step] += pending;
    }
  }
  const lines = byVersion.length > 1
    ? byVersion.slice(0, LINES.length).map((each, i) => ({label: each.version, colour: LINES[i], values: each.rates}))
    : [{label: 'requests', colour: '--line1', values: rate}];
  const moved = steps.some(step => bytesOf(step) > 0);
  const carried = moved || steps.some(step => step.opened > 0);
  const asked = !carried || steps.some(step => requests(step) > 0);
  const each = of => steps.map(step => of(step) / told.step_seconds);
  return h('section', {'aria-labelledby': 'hour'},
    h('div', {class: 'bar'}, h('h2', {id: 'hour'}, 'Last hour'),
      versions.length > 1 ? h('label', null, 'Version ', h('select', {value: version, onChange: event => query({version: event.target.value})},
        h('option', {value: ''}, 'all'), versions.map(name => h('option', {key: name, value: name}, name)))) : null),
    h('div', {class: 'charts'},
      asked ? h(Chart, {title: 'Requests a second', times, lines, format: number, words: said(rate, number)}) : null,
      moved ? h(Chart, {title: 'Bytes a second', times, format: bytes, words: said(each(bytesOf), bytes), lines: [
        {label: 'to callers', colour: '--line1', values: each(step => step.sent)},
        {label: 'from callers', colour: '--line2', values: each(step => step.received), dash: [6, 3]}]}) : null,
      carried ? h(Chart, {title: 'New connections a second', times, format: number, words: said(each(step => step.opened), number),
        lines: [{label: 'opened', colour: '--line1', values: each(step => step.opened)}]}) : null,
      asked ? h(Chart, {title: 'Failed', times, format: failing, words: said(errors, failing),
        lines: [{label: 'failed', colour: '--bad', values: errors}]}) : null,
      asked ? h(Chart, {title: 'Latency', times, format: millis, words: said(p99, millis, 'p99 '), lines: [
        {label: 'p50', colour: '--line1', values: p50},
        {label: 'p90', colour: '--line2', values: p90, dash: [6, 3]},
        {label: 'p99', colour: '--line3', values: p99, dash: [2, 2]}]}) : null,
      told.upstreams ? h(Chart, {title: 'Saturation', times, format: number, words: said(load, number, 'in flight '), lines: [
        {label: 'in flight', colour: '--line1', values: load},
        {label: 'waiting', colour: '--line3', values: waiting, dash: [2, 2]}]}) : null));
}

/** A version may have been counted by its callers' proxies, by its own, or by both in turn. */
function byVersions(series) {
  const all = new Map();
  for (const {version, points} of series) {
    all.set(version, {version, points: [...(all.get(version)?.points ?? []), ...points]});
  }
  return [...all.values()];
}

function said(values, format, name = '') {
  const there = values.filter(value => value !== null);
  if (there.length === 0) return 'nothing in this hour';
  const last = there[there.length - 1];
  return `${name}now ${format(last)}, highest ${format(Math.max(...there))}`;
}
