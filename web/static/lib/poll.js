// Asks again and again while the page is open and somebody looks.

/**
 * Run `ask` now and every so often; never two at a time, not while the tab is hidden.
 *
 * @param {number} periodMs
 * @param {(signal: AbortSignal) => Promise<void>} ask
 * @param {AbortSignal} signal ends it
 * @param {(error: Error) => void} [failed] told of every failure
 * @returns {() => void} asks at once
 */
export function every(periodMs, ask, signal, failed = () => {}) {
  let timer = 0;
  let busy = false;

  async function turn() {
    clearTimeout(timer);
    if (signal.aborted || busy || document.hidden) return;
    busy = true;
    try {
      await ask(signal);
    } catch (error) {
      if (error.name !== "AbortError" && !signal.aborted) failed(error);
    }
    busy = false;
    if (!signal.aborted) timer = setTimeout(turn, periodMs);
  }

  document.addEventListener("visibilitychange", turn, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  turn();
  return turn;
}
