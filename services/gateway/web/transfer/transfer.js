// Most buttons here go away once they have done their work: the focus goes on to what their form names in data-next.
let next;

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  next = (ctx.response?.raw.ok && ctx.sourceElement.dataset.next) || next;
});

document.addEventListener("htmx:after:settle", () => {
  if (!next || document.activeElement !== document.body) return;
  (document.getElementById(next) ?? document.querySelector("dialog[open] h2"))?.focus();
  next = undefined;
});
