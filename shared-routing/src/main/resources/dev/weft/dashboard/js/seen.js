/**
 * What nobody sees is not drawn anew: of a long table only the rows in view cost anything. What is long
 * is drawn piece by piece, so that no frame is.
 */
import {useEffect, useRef, useState} from 'preact/hooks';

/** @type {Map<Element, (seen: boolean) => void>} */
const watched = new Map();
const observer = new IntersectionObserver(entries => {
  for (const entry of entries) watched.get(entry.target)?.(entry.isIntersecting);
}, {rootMargin: '200px'});

/**
 * @param {(ref: object) => any} draw gives an element that takes `ref`
 * @returns {any} what it gave when it was seen last
 */
export function useSeen(draw) {
  const ref = useRef(null);
  const last = useRef(null);
  const [seen, setSeen] = useState(true);
  useEffect(() => {
    const element = ref.current;
    watched.set(element, setSeen);
    observer.observe(element);
    return () => {
      observer.unobserve(element);
      watched.delete(element);
    };
  }, []);
  if (seen || last.current === null) last.current = draw(ref);
  return last.current;
}

/**
 * How much of something long is drawn by now: some more in each frame.
 *
 * @param {number} total
 * @param {number} step
 */
export function useGrowing(total, step) {
  const [count, setCount] = useState(step);
  useEffect(() => {
    if (count >= total) return undefined;
    const frame = requestAnimationFrame(() => setCount(count + step));
    return () => cancelAnimationFrame(frame);
  }, [count, total, step]);
  return Math.min(count, total);
}
