// Dialogs that the server sends into `#asked`: opened as they come, closed when their form is done, then gone.
document.addEventListener("htmx:after:swap", () => {
  const dialog = document.querySelector("#asked > dialog:not([open])");
  dialog?.addEventListener("close", () => dialog.remove());
  dialog?.showModal();
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET" && ctx.response?.raw.ok) ctx.sourceElement.closest("#asked > dialog")?.close();
});
