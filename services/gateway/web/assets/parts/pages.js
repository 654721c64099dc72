// Every page: htmx, dialogs that buttons open, and words for a lost connection.
import htmx from "./htmx.js";

let lost = false;

/** Where to say what went wrong: an open dialog covers the page. */
const problem = () => document.querySelector("dialog[open] .problem") ?? document.getElementById("problem");

/** What everybody reads who has lost the connection. */
export function sayOffline() {
  lost = true;
  const words = document.getElementById("offline");
  problem().replaceChildren(words.content.cloneNode(true));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) open(document.getElementById(opener.dataset.opens));
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.closest(".menu button, .menu a")) event.target.closest("[popover]")?.hidePopover();
});

/** Its heading is read first, where it can take the focus (tabindex). */
function open(dialog) {
  dialog.showModal();
  document.getElementById(dialog.getAttribute("aria-labelledby"))?.focus();
}

document.addEventListener("htmx:before:swap", ({ detail: { tasks } }) => {
  for (const task of tasks) if (task.target?.id === "problem") task.target = problem();
});

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx || event.detail.ctx.response) return;
  sayOffline();
});

// What went wrong is said until something is done that works; that a part of the page looked at itself is no such thing.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!ctx.response?.raw.ok || (ctx.request.method === "GET" && !lost)) return;
  lost = false;
  for (const place of document.querySelectorAll("#problem, .problem")) place.replaceChildren();
});

export { htmx };
