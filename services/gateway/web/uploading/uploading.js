// Where photos are uploaded (uploading/panel.html). What it takes is fetched when a page has such a panel.
const wanted = Number(new URLSearchParams(location.search).get("samples"));

for (const element of document.querySelectorAll("[data-uploading]")) {
  import("./panel.js").then(({ Panel }) => {
    const panel = new Panel(element);
    if (wanted) import("./samples.js").then(({ samples }) => panel.take(samples(Math.min(wanted, 24))));
  });
}
if (wanted) history.replaceState(history.state, "", location.pathname);
