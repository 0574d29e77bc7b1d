/**
 * Questions to the admin API beside these pages: `../routes` is its page `/routes`, wherever both are
 * served from.
 */
import {signal} from '@preact/signals';
import {world} from './live.js';
import {useEffect, useMemo} from 'preact/hooks';

/** @param {string} path @param {RequestInit} [how] @returns {Promise<Response>} fails with a sentence */
async function answered(path, how) {
  const answer = await fetch(path, how).catch(() => {
    throw new Error(`${world.peek()?.state.mesh ? 'the control plane' : 'this proxy'} does not answer`);
  });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Error(told.error ?? `status ${answer.status}`);
}

/** @param {string} path e.g. `../routes` @returns {Promise<any>} fails with a sentence */
export async function ask(path) {
  return (await answered(path)).json();
}

/** @param {string} path @returns {Promise<string>} fails with a sentence */
export async function askText(path) {
  return (await answered(path)).text();
}

/** Asks for a change. @param {string} path @returns {Promise<any>} fails with a sentence */
export async function change(path) {
  return (await answered(path, {method: 'POST', headers: {'x-weft-admin': '1'}})).json();
}

/**
 * Asks now and again, and keeps what was told last, so that nothing blinks.
 *
 * @param {string} path
 * @param {number} every milliseconds
 * @returns {{value: any, error: string}} value is null until the first answer
 */
export function useAsked(path, every) {
  const kept = useMemo(() => signal({value: null, error: ''}), [path]);
  useEffect(() => {
    let over = false;
    let timer = 0;
    const again = async () => {
      try {
        const value = await ask(path);
        if (!over) kept.value = {value, error: ''};
      } catch (failed) {
        if (!over) kept.value = {value: kept.peek().value, error: String(failed.message)};
      }
      if (!over) timer = setTimeout(again, every);
    };
    again();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [path, every, kept]);
  return kept.value;
}
