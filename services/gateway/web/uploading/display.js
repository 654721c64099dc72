// What a panel says and shows.
import { size, Words } from "../assets/parts/words.js";

const LISTED = 50; // refused files
const english = document.documentElement.lang === "en";

export class Display {
  #words;
  #listed = [];

  constructor(element) {
    this.element = element;
    this.#words = new Words(element);
  }

  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  /** `counts` of a tally, `files` on their way, seconds `left`, `refused` files, and a `message`: what to say, and how. */
  show({ counts, files, left, refused, message: [name, tone] }) {
    const isOn = counts.toSend + counts.checking > 0;
    this.part("upload").hidden = !isOn;
    if (isOn) this.#showNumbers(counts, left);
    if (isOn) this.#showFiles(files);
    this.#say(name === "done" ? this.#done(counts) : this.#words.say(name), tone);
    if (this.#listed !== refused) this.#list(refused);
  }

  #showNumbers(counts, left) {
    const { all, toSend, waiting, checking, skipped } = counts;
    const say = (name, count) => count > 0 && this.#words.say(name, { count });
    this.part("title").textContent = toSend
      ? this.#words.say("uploading", { done: all - toSend, all })
      : say("all-checking", checking);
    this.part("bytes").textContent = toSend
      ? joined(this.#words.say("bytes", { sent: size(counts.sent), size: size(counts.size) }), this.#timeLeft(left))
      : "";
    this.part("counts").textContent = joined(
      say("waiting", waiting),
      toSend > 0 && say("being-checked", checking),
      say("skipped", skipped),
    );
    this.part("bar").value = counts.size ? counts.sent / counts.size : 1;
    this.part("cancel").hidden = !toSend;
  }

  #timeLeft(seconds) {
    if (seconds === null) return "";
    const minutes = Math.round(seconds / 60);
    if (minutes < 1) return this.#words.say("soon");
    if (minutes < 60) return this.#words.say("minutes", { minutes });
    return this.#words.say("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  }

  /** Rows stay as many as they were, so that what is below does not jump. */
  #showFiles(files) {
    const rows = this.part("files");
    while (rows.children.length < files.length) rows.append(this.#row("file"));
    [...rows.children].forEach((row, at) => {
      const file = files[at];
      row.classList.toggle("none", !file);
      if (!file) return;
      row.querySelector(".name").textContent = file.name;
      row.querySelector(".state").textContent = this.#words.say(file.state);
      const bar = row.querySelector("progress");
      bar.value = file.sent / file.size || 0;
      bar.setAttribute("aria-label", file.name);
    });
  }

  #done({ stored, skipped }) {
    const say = (name, count) => count > 0 && this.#words.say(name, { count });
    return joined(say("stored", stored), say("skipped", skipped));
  }

  #say(words = "", tone) {
    const place = this.part("message");
    if (place.textContent !== words) place.textContent = words;
    place.className = `note ${tone}`;
  }

  #list(refused) {
    this.#listed = refused;
    this.part("refused").hidden = !refused.length;
    this.part("refused-title").textContent = this.#words.say("refused", { count: refused.length });
    const rows = refused.slice(0, LISTED).map(({ file, why }) => {
      const row = this.#row("refused-file");
      row.querySelector(".name").textContent = file.name;
      row.querySelector(".reason").textContent = this.#reason(why);
      return row;
    });
    this.part("refused-files").replaceChildren(...rows);
    const count = refused.length - rows.length;
    this.part("more").textContent = count ? this.#words.say("more", { count }) : "";
  }

  /** In English the services' own sentence, which says it most exactly. */
  #reason({ code, message }) {
    const known = this.#words.say(`reason-${code}`);
    return (english ? message || known : known || message) || this.#words.say("reason-failed");
  }

  #row(name) {
    return this.part(`${name}-row`).content.firstElementChild.cloneNode(true);
  }
}

const joined = (...parts) => parts.filter(Boolean).join(" · ");
