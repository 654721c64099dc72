// A panel where photos are dropped and uploaded (uploading/panel.html).
import Uppy from "@uppy/core";
import { getSafeFileId } from "@uppy/core/utils";

import { Refused } from "./calls.js";
import { Display } from "./display.js";
import { hearDrops } from "./drops.js";
import { isThere, stored } from "./here.js";
import { line } from "./persisting.js";
import { BATCH, Slots } from "./slots.js";
import { Tally } from "./tally.js";

const OFTEN = 250; // milliseconds between two looks of the same
const ROWS = 6;
const OF_THE_SYSTEM = /^(\..*|Thumbs\.db|desktop\.ini)$/i;
const RAW = /\.(3fr|arw|cr[23w]|dng|erf|iiq|kdc|mef|mos|mrw|nef|nrw|orf|pef|raf|raw|rw2|rwl|srw|x3f)$/i;
const silent = { debug() {}, warn() {}, error() {} };

export class Panel {
  #tally = new Tally();
  #backlog = new Map();
  #refused = [];
  #message = ["", ""];
  #looking = 0;
  #due = null;

  constructor(element) {
    this.tab = element.dataset.tab;
    this.gallery = element.dataset.gallery;
    this.display = new Display(element);
    this.uppy = new Uppy({ autoProceed: true, logger: silent }).use(Slots, { gallery: this.gallery, tab: this.tab });
    this.#followFiles();
    this.#hearButtons();
    hearDrops(element, (dropped) => this.take(dropped));
    line.addEventListener("change", () => this.#showSoon());
    addEventListener("beforeunload", (event) => {
      if (this.#looking || this.#tally.unsent().length) event.preventDefault();
    });
  }

  #followFiles() {
    const on = (name, act) =>
      this.uppy.on(`slot-${name}`, ({ id, data }, what) => {
        if (this.#tally.has(id)) act(id, what, data);
        this.#showSoon();
      });
    on("sending", (id) => this.#tally.move(id, "sending"));
    on("progress", (id, bytes) => this.#tally.progress(id, bytes));
    on("sent", (id) => this.#leaveUppy(id, "checking"));
    on("stored", (id) => this.#tally.move(id, "stored"));
    on("refused", (id, why, file) => {
      this.#refuse(file, why);
      this.#leaveUppy(id, "refused");
    });
  }

  #refuse(file, why) {
    this.#refused = [...this.#refused, { file, why }];
  }

  #leaveUppy(id, state) {
    this.#tally.move(id, state);
    this.uppy.removeFile(id);
    this.#feedUppy();
  }

  /** A batch at a time: with every change, Uppy copies the list of all its files. */
  #feedUppy() {
    if (this.uppy.getFiles().length >= BATCH) return;
    const some = [...this.#backlog].slice(0, BATCH);
    for (const [id] of some) this.#backlog.delete(id);
    this.uppy.addFiles(some.map(([, file]) => file));
  }

  #hearButtons() {
    for (const input of this.display.element.querySelectorAll("input")) {
      const button = this.display.part(input.dataset.chosenBy);
      button.hidden = input.hasAttribute("webkitdirectory") && !("webkitdirectory" in input);
      button.addEventListener("click", () => input.click());
      button.disabled = false; // a press before this would be lost
      input.addEventListener("change", () => {
        this.take([...input.files]);
        input.value = "";
      });
    }
    for (const name of ["cancel", "retry", "clear"]) {
      this.display.part(name).addEventListener("click", () => this[name]());
    }
  }

  /** Files that somebody chose: what is here already is skipped. */
  async take(chosen) {
    if (!this.#looking && !this.#tally.isOn()) this.#tally = new Tally();
    this.#looking += 1;
    this.#message = ["", ""];
    this.#showSoon();
    try {
      const files = (await chosen).filter(({ name }) => !OF_THE_SYSTEM.test(name));
      const there = await stored(this.gallery, this.tab);
      await this.#add(files, (file) => isThere(file, there, this.tab));
      this.#message = files.length ? ["done", "ok"] : ["nothing", "warn"];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#message = [`reason-${error.code}`, "bad"];
    } finally {
      this.#looking -= 1;
      this.#showSoon();
    }
  }

  /** A batch at a time, so that the page stays quick. */
  async #add(files, isThere = () => false) {
    for (let start = 0; start < files.length; start += BATCH) {
      const some = files.slice(start, start + BATCH);
      const known = await Promise.all(some.map(isThere));
      const unknown = some.filter((_, at) => !known[at]);
      this.#tally.skipped += some.length - unknown.length;
      unknown.forEach((file) => this.#queue(file));
      this.#feedUppy();
      this.#showSoon();
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  #queue(data) {
    const file = described(data);
    const id = getSafeFileId(file, this.uppy.getID());
    if (RAW.test(data.name)) this.#refuse(data, { code: "raw" });
    else if (this.#tally.isOn(id)) return; // chosen twice
    else {
      this.#tally.add(id, data);
      this.#backlog.set(id, file);
    }
  }

  /** What is in the store already stays. */
  cancel() {
    const unsent = this.#tally.unsent();
    this.#backlog.clear();
    unsent.forEach((id) => this.#tally.drop(id));
    this.uppy.removeFiles(unsent);
    this.#message = ["cancelled", ""];
    this.#showSoon();
  }

  retry() {
    const again = this.#refused.map(({ file }) => file);
    this.#message = ["done", "ok"];
    this.clear();
    this.#add(again);
  }

  clear() {
    this.#refused = [];
    this.#showSoon();
  }

  #showSoon() {
    this.#due ??= setTimeout(() => {
      this.#due = null;
      this.#show();
    }, OFTEN);
  }

  #show() {
    const counts = this.#tally.count();
    const isOn = this.#tally.isOn();
    const left = this.#tally.left(counts);
    this.display.show({
      counts,
      files: this.#tally.onTheirWay(ROWS),
      left: line.lost ? null : left,
      refused: this.#refused,
      message: this.#saying(isOn),
    });
    if (isOn) this.#showSoon();
  }

  #saying(isOn) {
    if (line.lost && (isOn || this.#looking)) return ["lost", "warn"];
    if (isOn) return ["", ""];
    return this.#looking ? ["looking", ""] : this.#message;
  }
}

/** As Uppy wants it; files of one name in two folders are two. */
function described(data) {
  const { name, type, webkitRelativePath, relativePath } = data;
  return { name, type, data, source: "Panel", meta: { relativePath: webkitRelativePath || relativePath || null } };
}
