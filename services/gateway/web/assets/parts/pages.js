// Every page: htmx, dialogs that buttons open, and words for a lost connection.
import htmx from "./htmx.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.closest(".menu button:not([data-copy]), .menu a")) event.target.closest("[popover]")?.hidePopover();
});

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx || event.detail.ctx.response) return;
  const words = document.getElementById("offline");
  document.getElementById("problem").replaceChildren(words.content.cloneNode(true));
});

// What was wrong stays to be read until something else is done; a lost connection, until it is back.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const problem = document.getElementById("problem");
  if (ctx.response?.raw.ok && (ctx.request.method !== "GET" || problem.querySelector("[data-offline]"))) problem.replaceChildren();
});

export { htmx };
