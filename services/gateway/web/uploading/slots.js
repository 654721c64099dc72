// An uploader for Uppy: slots from the gateway, a batch when the first of it is needed, since their URLs expire; bytes
// straight to the store; then the gateway is told, and says what becomes of each file. Emits, with the file:
// `slot-sending`, `slot-progress` (bytes), `slot-sent`, `slot-stored`, `slot-refused` (a `Refused`).
import { BasePlugin } from "@uppy/core";
import { TaskQueue } from "@uppy/core/utils";

import { call, Refused } from "./calls.js";
import { Following } from "./following.js";
import { send, SlotRefused } from "./sending.js";

export const BATCH = 200; // files in a call
const AT_ONCE = 4; // files on their way: browsers open six connections to a server
const SLOTS = 3; // tried for a file
const GATHERING = 300; // milliseconds

export class Slots extends BasePlugin {
  id = "Slots";
  type = "uploader";
  #queue = new TaskQueue({ concurrency: AT_ONCE });
  #without = new Map();
  #slots = new Map();
  #stops = new Map();
  #sent = [];
  #telling = null;

  install() {
    const { capabilities } = this.uppy.getState();
    this.uppy.setState({ capabilities: { ...capabilities, individualCancellation: true } });
    this.uppy.addUploader((ids) => this.#upload(this.uppy.getFilesByIds(ids).filter(Boolean)));
    this.uppy.on("file-removed", ({ id }) => this.#stops.get(id)?.abort());
    this.following = new Following(this.opts.gallery);
  }

  async #upload(files) {
    this.uppy.emit("upload-start", files);
    for (const file of files) this.#without.set(file.id, file);
    await Promise.all(files.map((file) => this.#run(file)));
  }

  async #run(file) {
    const stop = new AbortController();
    this.#stops.set(file.id, stop);
    try {
      const upload = await this.#queue.add(() => this.#send(file, stop.signal));
      this.#stops.delete(file.id);
      this.uppy.emit("slot-sent", file);
      await this.#complete(upload);
      await this.following.stored(upload.upload_id);
      this.uppy.emit("slot-stored", file);
    } catch (error) {
      if (!stop.signal.aborted) this.uppy.emit("slot-refused", file, error);
    } finally {
      this.#stops.delete(file.id);
      this.#without.delete(file.id);
    }
  }

  async #send(file, signal) {
    signal.throwIfAborted();
    this.uppy.emit("slot-sending", file);
    const progress = (bytes) => this.uppy.emit("slot-progress", file, bytes);
    for (let tries = 0; tries < SLOTS; tries++) {
      try {
        const slot = await this.#slot(file);
        signal.throwIfAborted();
        return { upload_id: slot.upload_id, parts: await send(file.data, slot, signal, progress) };
      } catch (error) {
        if (!(error instanceof SlotRefused)) throw error;
      }
    }
    throw new Refused("store_refused");
  }

  async #slot(file) {
    if (!this.#slots.has(file.id)) this.#open(file);
    const slot = this.#slots.get(file.id);
    this.#slots.delete(file.id);
    const { error, code, ...opened } = await slot;
    if (error) throw new Refused(code, error);
    return opened;
  }

  /** Slots for a file, and for those that come after it. */
  #open(first) {
    this.#without.delete(first.id);
    const batch = [first, ...[...this.#without.values()].slice(0, BATCH - 1)];
    const { gallery, tab } = this.opts;
    const files = batch.map(({ name, data }) => ({ filename: name, size: data.size, content_type: data.type }));
    const opened = call(`/api/v1/galleries/${gallery}/${tab}/uploads`, { files });
    batch.forEach(({ id }, at) => {
      const slot = opened.then(({ items }) => items[at]);
      slot.catch(() => {}); // of a file that was cancelled meanwhile
      this.#slots.set(id, slot);
      this.#without.delete(id);
    });
  }

  /** Tells the gateway that a file is in its slot, with others that are at about the same time. */
  #complete(upload) {
    return new Promise((resolve, reject) => {
      this.#sent.push({ upload, resolve, reject });
      this.#telling ??= setTimeout(() => this.#tell(), GATHERING);
    });
  }

  async #tell() {
    while (this.#sent.length) {
      const batch = this.#sent.splice(0, BATCH);
      try {
        const { items } = await call("/api/v1/uploads/complete", { items: batch.map(({ upload }) => upload) });
        batch.forEach(({ resolve, reject }, at) => {
          const { error } = items[at];
          if (error) reject(new Refused("failed", error));
          else resolve();
        });
      } catch (error) {
        batch.forEach(({ reject }) => reject(error));
      }
    }
    this.#telling = null;
  }
}
