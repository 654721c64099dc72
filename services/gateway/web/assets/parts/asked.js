// Dialogs that the server sends into `#asked`: opened as they come, closed when their form is done.
document.addEventListener("htmx:after:swap", () => {
  document.querySelector("#asked > dialog:not([open])")?.showModal();
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET" && ctx.response?.raw.ok) ctx.sourceElement.closest("#asked > dialog")?.close();
});
