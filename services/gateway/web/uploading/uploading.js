// Where photos are uploaded (uploading/panel.html). What it takes is fetched when a page has such a panel.
for (const element of document.querySelectorAll("[data-uploading]")) {
  import("./panel.js").then(({ Panel }) => new Panel(element));
}
