/** Which configuration serves, and its problems beside the lines that they stand in. */
import {h, Fragment} from 'preact';
import {world} from '../live.js';
import {useAsked} from '../ask.js';
import {to} from '../place.js';
import {Asking, Command, Empty, Fact, Level, Trouble, When} from '../ui.js';
import {counted} from '../format.js';

const MOST = 200;
const TRIED = {off: 'off', waiting: 'waits for its turn', done: 'all', cut: 'not all, there are too many'};
const REQUEST = /e\.g\. ([A-Z]+) (https?:\/\/\S+)((?: -H '[^']*')*)/;

export function Config() {
  const asked = useAsked('../config', 3_000);
  const lines = useAsked('api/lines', 3_000).value;
  const config = asked.value;
  const now = world.value?.now;
  if (!config || !now) return h(Fragment, null, h(Trouble, {text: asked.error}), h(Asking, null));
  const applied = Date.parse(config.applied);
  const errors = problem => (problem.severity === 'error' ? 0 : 1);
  const problems = [...config.problems].sort((a, b) => errors(a) - errors(b)); // else as they stand in their files
  return h(Fragment, null,
    h(Trouble, {text: asked.error}),
    h('dl', {class: 'facts'},
      h(Fact, {name: 'Version'}, config.version),
      h(Fact, {name: 'Applied'}, applied > 0 ? h(When, {at: applied, now}) : 'never'),
      h(Fact, {name: 'Took'}, `${config.took_ms} ms`),
      h(Fact, {name: 'Changes refused'}, config.rejected),
      config.lint ? h(Fact, {name: 'Rules tried against each other'}, tried(config.lint)) : null),
    h('h2', null, 'Sources'),
    config.sources.length === 0
      ? h(Empty, {title: 'Nothing was loaded yet.'}, h('p', null, 'Start the proxy with --config dir:PATH or configmap:NAMESPACE/NAME.'))
      : h('ul', null, config.sources.map(source => h('li', {key: source}, h('code', null, source)))),
    h('h2', null, config.problems.length ? counted(problems.length, 'problem') : 'Problems'),
    config.problems.length === 0
      ? h('p', null, h(Level, {level: 'ok', text: 'none'}))
      : h('ol', {class: 'problems'}, problems.slice(0, MOST).map((problem, i) => h(Problem, {key: i, problem, lines}))),
    problems.length > MOST ? h('p', null, `and ${counted(problems.length - MOST, 'more problem')}, which weft check tells`) : null,
    h(Command, {text: 'weft check PATH', of: false}));
}

function tried(lint) {
  const done = lint.state === 'done' || lint.state === 'cut';
  return `${TRIED[lint.state] ?? lint.state}${done ? `: ${counted(lint.findings, 'finding')}, ${lint.took_ms} ms` : ''}`;
}

/** Where the request that proves a finding can be asked of a proxy's rules. */
function proof(message) {
  const found = world.value?.state.mesh ? null : REQUEST.exec(message);
  if (!found) return null;
  const headers = [...found[3].matchAll(/-H '([^']*)'/g)].map(one => one[1]);
  return headers.length > 1 ? null : to('routes', '', {method: found[1], url: found[2], header: headers[0] ?? ''});
}

function Problem({problem, lines}) {
  const asks = proof(problem.message);
  const excerpt = lines?.excerpts.find(one => one.file === problem.file && one.line === problem.line);
  const level = problem.severity === 'error' ? 'bad' : 'warn';
  return h('li', {class: level},
    h('p', null, h(Level, {level, text: problem.severity}), ' ',
      h('code', null, problem.line ? `${problem.file}:${problem.line}:${problem.column}` : problem.file), ' ',
      h('code', null, problem.code)),
    h('p', null, problem.path ? h('code', null, problem.path) : null, ' ', problem.message,
      asks ? h(Fragment, null, ' ', h('a', {href: asks}, 'Explain this request')) : null),
    problem.hint ? h('p', {class: 'hint'}, 'Hint: ', problem.hint) : null,
    excerpt ? h('pre', {tabIndex: 0, 'aria-label': `${problem.file}, from line ${excerpt.first}`},
      excerpt.lines.map((line, i) => {
        const number = excerpt.first + i;
        const here = number === problem.line;
        return h('span', {class: here ? 'line here' : 'line', key: number},
          `${here ? '▶' : ' '}${String(number).padStart(5)}  ${line}\n`);
      })) : null);
}
