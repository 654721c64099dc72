// An upload in numbers: files by what has become of them, bytes, and the time that is left.
import { emaFilter } from "@uppy/core/utils";

const HALF_LIFE = 8_000; // milliseconds in which what the speed was counts half

export class Tally {
  skipped = 0;
  #files = new Map();
  #speed = null; // bytes a millisecond
  #before = null;

  add(id, { name, size }) {
    this.#files.set(id, { name, size, sent: 0, state: "waiting" });
  }

  has(id) {
    return this.#files.has(id);
  }

  /** Whether a file, or any, is not yet done with. */
  isOn(id) {
    const isOn = (file) => file !== undefined && file.state !== "stored" && file.state !== "refused";
    return id === undefined ? [...this.#files.values()].some(isOn) : isOn(this.#files.get(id));
  }

  /** Into the state `sending`, `checking`, `stored` or `refused`. */
  move(id, state) {
    const file = this.#files.get(id);
    file.state = state;
    file.sent = state === "sending" ? 0 : file.size;
  }

  progress(id, bytes) {
    const file = this.#files.get(id);
    file.sent = Math.min(bytes, file.size);
  }

  drop(id) {
    this.#files.delete(id);
  }

  /** The ids of files that are not in the store yet. */
  unsent() {
    return [...this.#files].filter(([, { state }]) => state === "waiting" || state === "sending").map(([id]) => id);
  }

  /** The first files that are on their way, then the first that are being checked. */
  onTheirWay(number) {
    const files = [...this.#files.values()];
    return ["sending", "checking"].flatMap((state) => files.filter((file) => file.state === state)).slice(0, number);
  }

  count() {
    const counts = { waiting: 0, sending: 0, checking: 0, stored: 0, refused: 0, sent: 0, size: 0 };
    for (const { state, sent, size } of this.#files.values()) {
      counts[state] += 1;
      counts.sent += sent;
      counts.size += size;
    }
    const toSend = counts.waiting + counts.sending;
    return { ...counts, all: this.#files.size, toSend, skipped: this.skipped };
  }

  /** The seconds that are left, at about the present speed; null while there is none. */
  left({ sent, size }) {
    const now = performance.now();
    const passed = now - (this.#before?.now ?? now);
    if (passed) {
      const speed = Math.max(0, sent - this.#before.sent) / passed;
      this.#speed = emaFilter(speed, this.#speed ?? speed, HALF_LIFE, passed);
    }
    this.#before = { now, sent };
    return this.#speed ? (size - sent) / this.#speed / 1000 : null;
  }
}
