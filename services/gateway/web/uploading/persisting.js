// What outlasts an outage: it is tried again until it works or is given up.
const LONGEST = 3; // 2³ seconds

/** It did not work now, and may later. */
export class Later extends Error {}

/** The way to the servers: `lost` while something has failed and not yet worked again; `change` when that changes. */
class Line extends EventTarget {
  #failing = new Set();

  get lost() {
    return this.#failing.size > 0;
  }

  fail(what) {
    this.#failing.add(what);
    this.dispatchEvent(new Event("change"));
  }

  work(what) {
    if (this.#failing.delete(what)) this.dispatchEvent(new Event("change"));
  }
}

export const line = new Line();

/** What `attempt` returns in the end; it throws `Later` to be called again. */
export async function persist(attempt, signal) {
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Later)) throw error;
      }
      line.fail(attempt);
      await pause(2 ** Math.min(tries, LONGEST), signal);
    }
  } finally {
    line.work(attempt);
  }
}

/** Seconds, or until the browser finds the network again. */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const end = (settle) => () => {
      over.abort();
      clearTimeout(timer);
      settle(signal?.reason);
    };
    const timer = setTimeout(end(resolve), 1000 * seconds);
    addEventListener("online", end(resolve), over);
    signal?.addEventListener("abort", end(reject), over);
  });
}
