// Every page: htmx, dialogs that buttons open, and words for a lost connection.
import htmx from "./htmx.js";

/** Where to say what went wrong: an open dialog covers the page. */
const problem = () => document.querySelector("dialog[open] .problem") ?? document.getElementById("problem");

/** What everybody reads who has lost the connection. */
export function sayOffline() {
  const place = problem(); // a page that is being left may have none any more
  if (!place?.querySelector("[data-offline]")) place?.append(document.getElementById("offline").content.cloneNode(true));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) open(document.getElementById(opener.dataset.opens));
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.closest(".menu button:not([data-copy]), .menu a")) event.target.closest("[popover]")?.hidePopover();
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

// What was wrong stays to be read until something else is done; a lost connection, until it is back.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!ctx.response?.raw.ok) return;
  for (const place of document.querySelectorAll("#problem, .problem")) {
    if (ctx.request.method === "GET") place.querySelector("[data-offline]")?.remove();
    else place.replaceChildren();
  }
});

export { htmx };
