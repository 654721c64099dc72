// One file into its slot in the store.
import { fetcher } from "@uppy/core/utils";

import { isForLater, Refused } from "./calls.js";
import { Later, persist } from "./persisting.js";

const STALLED = 120_000; // milliseconds without progress, after which the connection is taken for dead

/** The slot takes nothing (any more); another one may. */
export class SlotRefused extends Error {}

/** Puts a file into a slot, part by part where it has parts, and returns those as the gateway wants to hear of them. */
export async function send(file, slot, signal, progress) {
  if (!slot.parts) {
    await put(slot.url, file, signal, progress);
    return [];
  }
  const sent = [];
  for (const { number, url } of slot.parts) {
    const start = (number - 1) * slot.part_size;
    const part = file.slice(start, start + slot.part_size);
    sent.push({ number, etag: await put(url, part, signal, (bytes) => progress(start + bytes)) });
  }
  return sent;
}

/** The store's mark of what was put. */
function put(url, body, signal, progress) {
  return persist(async () => {
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal.addEventListener("abort", abort);
    try {
      const answer = await fetcher(url, {
        method: "PUT",
        body,
        retries: 0, // that is ours
        timeout: STALLED,
        onTimeout: abort,
        signal: stop.signal,
        onUploadProgress: ({ loaded }) => progress(loaded),
      });
      return answer.getResponseHeader("ETag");
    } catch (error) {
      signal.throwIfAborted();
      progress(0);
      throw await meaning(error.request?.status ?? 0, body);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }, signal);
}

/** Browsers do not tell a lost connection from a file that is no longer as it was. */
async function meaning(status, body) {
  if (status >= 400 && status < 500 && !isForLater(status)) return new SlotRefused();
  return body.slice(0, 1).arrayBuffer().then(() => new Later(), () => new Refused("unreadable"));
}
