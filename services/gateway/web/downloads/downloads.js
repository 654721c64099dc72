// On phones: the finished photos into the photo app by the system's own sheet. They are fetched first, and shared on a
// second tap, because browsers let a page share only right after one.
import { sayOffline } from "../assets/parts/pages.js";

const files = () => [...document.querySelectorAll("#downloads a[data-file]")];
const isPhone = matchMedia("(pointer: coarse)").matches;
let fetched = null;

function offer() {
  const button = document.querySelector("[data-share] button");
  const can = isPhone && navigator.canShare?.({ files: [new File([""], "a.jpg", { type: "image/jpeg" })] });
  if (!button || !can) return;
  button.hidden = false;
  button.nextElementSibling.classList.remove("first");
  button.addEventListener("click", () => (fetched ? navigator.share({ files: fetched }).catch(() => {}) : prepare(button)));
}

async function prepare(button) {
  const words = button.textContent;
  const links = files();
  const ready = [];
  button.disabled = true;
  try {
    for (const link of links) {
      button.textContent = `${button.dataset.fetching} ${ready.length + 1} / ${links.length}`;
      const blob = await (await fetch(link.href)).blob();
      ready.push(new File([blob], link.dataset.file, { type: blob.type }));
    }
    fetched = ready;
    button.textContent = button.dataset.save;
  } catch {
    button.textContent = words;
    sayOffline();
  }
  button.disabled = false;
}

offer();
