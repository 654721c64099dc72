// The contact sheet: its sheets are looked up when one gets near them, and when they have changed.
import htmx from "../assets/parts/htmx.js";
import "./selecting.js";

const MARGIN = "1500px";

const sheets = document.getElementById("sheets");
const near = new Set();
const shown = new WeakMap(); // which version of a sheet was looked up
const asked = new WeakMap();

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) near.add(target);
      else near.delete(target);
    }
    look();
  },
  { rootMargin: MARGIN },
);

function look() {
  for (const sheet of near) {
    if (![shown.get(sheet), asked.get(sheet)].includes(sheet.dataset.version)) htmx.trigger(sheet, "near");
  }
}

/** As many sheets as there are versions. */
function lay() {
  const { versions, total } = document.getElementById("overview").dataset;
  const wanted = versions.split(" ").filter(Boolean);
  wanted.forEach((version, at) => {
    (sheets.children[at] ?? add(at)).dataset.version = version;
  });
  [...sheets.children].slice(wanted.length).forEach(remove);
  sheets.dataset.total = total;
  look();
}

function add(at) {
  const template = document.getElementById("sheet");
  const sheet = template.content.firstElementChild.cloneNode(true);
  sheet.setAttribute("hx-get", template.dataset.path + at * template.dataset.size);
  sheets.append(sheet);
  htmx.process(sheet);
  observer.observe(sheet);
  return sheet;
}

function remove(sheet) {
  observer.unobserve(sheet);
  near.delete(sheet);
  sheet.remove();
}

const isSheet = (element) => element.parentElement === sheets;

if (sheets) {
  for (const sheet of sheets.children) {
    shown.set(sheet, sheet.dataset.version);
    observer.observe(sheet);
  }
  document.addEventListener("htmx:before:request", ({ target }) => {
    if (isSheet(target)) asked.set(target, target.dataset.version);
  });
  document.addEventListener("htmx:after:swap", ({ target }) => {
    if (isSheet(target)) shown.set(target, asked.get(target));
    lay();
  });
  document.addEventListener("htmx:finally:request", ({ target }) => asked.delete(target));
  lay();
}
