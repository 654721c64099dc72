// What becomes of files that were sent: told by the page's live events, and looked up now and then should one be missed.
import { call, Refused } from "./calls.js";

const NEWS = ["photo", "transfer", "upload", "look"];
const SOON = 1_000; // milliseconds
const NOW_AND_THEN = 5_000;
const AT_ONCE = 100; // uploads in a call

export class Following {
  #awaited = new Map();
  #due = null;

  constructor(gallery) {
    this.path = `/api/v1/galleries/${gallery}/uploads`;
    for (const name of NEWS) document.getElementById("live")?.addEventListener(name, () => this.#lookIn(SOON));
  }

  /** Resolves when the upload is stored. Rejects with `Refused` when it is not taken in. */
  stored(upload) {
    return new Promise((resolve, reject) => {
      this.#awaited.set(upload, { resolve, reject });
      this.#lookIn(NOW_AND_THEN);
    });
  }

  #lookIn(wait) {
    const at = Date.now() + wait;
    if (!this.#awaited.size || this.#due?.at <= at) return;
    clearTimeout(this.#due?.timer);
    this.#due = { at, timer: setTimeout(() => this.#look(), wait) };
  }

  async #look() {
    const ids = [...this.#awaited.keys()];
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      const some = ids.slice(start, start + AT_ONCE);
      try {
        const { items } = await call(`${this.path}?ids=${some}`);
        items.forEach((item) => this.#settle(item));
      } catch (error) {
        some.forEach((id) => this.#end(id)?.reject(error));
      }
    }
    this.#due = null;
    this.#lookIn(NOW_AND_THEN);
  }

  #settle({ upload_id, status, code, reason }) {
    if (status === "stored") this.#end(upload_id).resolve();
    if (status === "rejected") this.#end(upload_id).reject(new Refused(code, reason));
  }

  #end(upload) {
    const awaited = this.#awaited.get(upload);
    this.#awaited.delete(upload);
    return awaited;
  }
}
