// Every page: htmx, dialogs that buttons open, and words for a lost connection.
import htmx from "./htmx.js";

/** What everybody reads who has lost the connection. */
export function sayOffline() {
  const words = document.getElementById("offline");
  document.getElementById("problem").replaceChildren(words.content.cloneNode(true));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.closest(".menu button, .menu a")) event.target.closest("[popover]")?.hidePopover();
});

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx || event.detail.ctx.response) return;
  sayOffline();
});

document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx.response?.raw.ok) document.getElementById("problem").replaceChildren();
});

export { htmx };
