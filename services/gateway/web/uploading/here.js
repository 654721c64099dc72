// What is stored already need not be sent again.
import { call } from "./calls.js";

/** Size and checksum of what a tab of a gallery has, by file name. */
export async function stored(gallery, tab) {
  const found = new Map();
  let next = "";
  do {
    const page = await call(`/api/v1/galleries/${gallery}/${tab}?limit=500${next && `&cursor=${encodeURIComponent(next)}`}`);
    for (const { filename, size, sha256 } of page.items) found.set(filename.normalize(), { size, sha256 });
    ({ next } = page);
  } while (next);
  return found;
}

/** Whether a file is there, as it is now. Proofs never change, so name and size tell; of finals there are versions. */
export async function isThere(file, found, tab) {
  const there = found.get(file.name.normalize());
  if (there?.size !== file.size) return false;
  return tab === "photos" || there.sha256 === (await sha256(file).catch(() => null));
}

/** Rejects where the browser does not tell: on pages that came neither by HTTPS nor from this machine. */
async function sha256(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
