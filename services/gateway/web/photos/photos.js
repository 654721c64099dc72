// The contact sheet: its sheets are looked up when one gets near them, and when they have changed.
import htmx from "../assets/parts/htmx.js";
import "./selecting.js";

const MARGIN = "1500px";

const near = new Set();
const shown = new WeakMap(); // the version of a sheet that was looked up
const asked = new WeakMap();

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) near.add(target);
      else near.delete(target);
    }
    lookAtNear();
  },
  { rootMargin: MARGIN },
);

function lookAtNear() {
  for (const sheet of near) {
    if (!sheet.isConnected) near.delete(sheet);
    else if (![shown.get(sheet), asked.get(sheet)].includes(sheet.dataset.version)) htmx.trigger(sheet, "near");
  }
}

function observeAll() {
  for (const sheet of document.querySelectorAll(".sheet")) {
    if (!shown.has(sheet) && !sheet.querySelector("[data-more]")) shown.set(sheet, sheet.dataset.version);
    observer.observe(sheet);
  }
  lookAtNear();
}

const isSheet = (element) => element.matches?.(".sheet");

document.addEventListener("htmx:before:request", ({ target }) => {
  if (isSheet(target)) asked.set(target, target.dataset.version);
});
document.addEventListener("htmx:after:swap", ({ target }) => {
  if (isSheet(target)) shown.set(target, asked.get(target));
  observeAll();
});
document.addEventListener("htmx:finally:request", ({ target }) => asked.delete(target));

observeAll();
