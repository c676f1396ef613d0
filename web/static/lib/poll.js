// Asks again and again while the page is open and somebody looks.

/**
 * Run `ask` now and every so often; never two at a time, not while the tab is hidden. A wish that comes while one is
 * under way is granted right after it.
 *
 * @param {number} periodMs
 * @param {(signal: AbortSignal) => Promise<void>} ask
 * @param {AbortSignal} signal ends it
 * @param {(error: Error) => void} [failed] told of a failure, once for as long as it is the same
 * @returns {{(): Promise<void>, first: Promise<void>}} asks at once; `first` is there with the first answer
 */
export function every(periodMs, ask, signal, failed = () => {}) {
  let timer = 0;
  let busy = false;
  let wished = false;
  let told = null;

  async function turn() {
    clearTimeout(timer);
    if (signal.aborted || document.hidden) return;
    if (busy) {
      wished = true;
      return;
    }
    busy = true;
    wished = false;
    try {
      await ask(signal);
      told = null;
    } catch (error) {
      if (error.name !== "AbortError" && !signal.aborted && error.message !== told) {
        told = error.message;
        failed(error);
      }
    }
    busy = false;
    if (!signal.aborted) timer = setTimeout(turn, wished ? 0 : periodMs);
  }

  document.addEventListener("visibilitychange", turn, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  turn.first = turn();
  return turn;
}
