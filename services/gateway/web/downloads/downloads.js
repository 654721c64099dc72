// On phones: the finished photos into the photo app by the system's own sheet. They are fetched first, and shared on a
// second tap, because browsers let a page share only right after one.
import { sayOffline } from "../assets/parts/pages.js";

const isPhone = matchMedia("(pointer: coarse)").matches;
const can = () => isPhone && navigator.canShare?.({ files: [new File([""], "a.jpg", { type: "image/jpeg" })] });
let busy = false;
let fetched = null;

function offer() {
  const button = document.querySelector("[data-share] button");
  if (!button || !can()) return;
  button.hidden = false;
  button.nextElementSibling.classList.remove("first");
}

async function prepare(button) {
  const words = button.textContent;
  const links = [...document.querySelectorAll("#downloads a[data-file]")];
  const ready = [];
  button.disabled = busy = true;
  try {
    for (const link of links) {
      button.textContent = `${button.dataset.fetching} ${ready.length + 1} / ${links.length}`;
      const answer = await fetch(link.href);
      if (!answer.ok) throw new Error(`${answer.status}`);
      const blob = await answer.blob();
      ready.push(new File([blob], link.dataset.file, { type: blob.type }));
    }
    fetched = ready;
    button.textContent = button.dataset.save;
  } catch {
    button.textContent = words;
    sayOffline();
  }
  button.disabled = busy = false;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-share] button");
  if (button) fetched ? navigator.share({ files: fetched }).catch(() => {}) : prepare(button);
});
// What is being saved stays as it is; otherwise the page is looked up now and then, and there may be other files.
document.addEventListener("htmx:before:request", (event) => {
  if (event.target.id === "downloads" && (busy || fetched)) event.preventDefault();
});
document.addEventListener("htmx:after:swap", offer);
offer();
