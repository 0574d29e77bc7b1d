/**
 * Requests of which this proxy, or each of a mesh's, kept how they went, since they failed or were slow.
 *
 * @typedef {{attempt: number, retry: boolean, endpoint: string, began_ms: number, answered_ms?: number,
 *   status?: number, cause?: string, detail?: string, breaker: string, span?: string}} Attempt
 * @typedef {{time: string, duration_ms: number, trace?: string, request_id: string, method: string,
 *   authority: string, path: string, protocol: string, source: string, principal: string,
 *   status: number, grpc_status?: number, cause?: string, detail?: string, route: string,
 *   cluster: string, config: string, fault?: string, tags?: Record<string, string>,
 *   link?: {by: string, trace: string, span: string}, attempts: Attempt[],
 *   proxy?: string}} Kept
 */
import {useAsked} from './ask.js';
import {to} from './place.js';

/** @returns {{kept: Kept[], asked: boolean, error: string}} the newest first */
export function useTraces() {
  const {value, error} = useAsked('../traces', 3_000);
  return {kept: value?.traces ?? [], asked: value !== null, error};
}

/**
 * By what it is found: the trace that it belongs to, or its own id.
 *
 * @param {{trace?: string, request_id?: string, time: string}} one
 */
export function keyOf(one) {
  return one.trace ?? (one.request_id && one.request_id !== '-' ? one.request_id : one.time);
}

/** @param {Kept} one @returns {string} an address */
export function traceAt(one) {
  return to('traces', keyOf(one));
}
