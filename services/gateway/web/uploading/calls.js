// Calls of the API.
import { Later, persist } from "./persisting.js";

const FOR_LATER = [408, 429, 502, 503, 504];

/** Why something will not be done: a code that there may be words for, and for files the services' own sentence. */
export class Refused extends Error {
  constructor(code, reason) {
    super(reason);
    this.code = code;
  }
}

export const isForLater = (status) => FOR_LATER.includes(status);

/** The answer to a GET or, with a `body`, a POST, whatever outages there are meanwhile. Rejects with `Refused`. */
export function call(path, body) {
  const headers = { Accept: "application/json", ...(body && { "Content-Type": "application/json" }) };
  const request = { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) };
  return persist(() => answer(path, request));
}

async function answer(path, request) {
  try {
    const response = await fetch(path, request);
    if (isForLater(response.status)) throw new Later();
    const read = await response.json();
    if (response.ok) return read;
    throw new Refused(read.type.split("/").at(-1));
  } catch (error) {
    throw error instanceof TypeError ? new Later() : error; // as fetch calls a lost connection
  }
}
