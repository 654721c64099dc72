// Client orders: what is ticked, counted and ready to be copied; the page's own renewal keeps it.
const boxes = (which) => [...document.querySelectorAll(`#orders tbody input[name="order_ids"]${which}`)];

function count() {
  const form = document.getElementById("many");
  const all = document.getElementById("tick-all");
  if (!form) return;
  const ticked = boxes(":checked");
  form.hidden = ticked.length === 0;
  form.querySelector("output").value = ticked.length;
  form.querySelector("[data-copy]").dataset.copy = ticked.map((box) => box.dataset.link).join("\n");
  if (all) all.checked = ticked.length > 0 && ticked.length === boxes("").length;
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "tick-all") for (const box of boxes("")) box.checked = target.checked;
  else if (!target.matches("#orders [name=order_ids]")) return;
  document.getElementById("marked").replaceChildren();
  count();
});

document.addEventListener("htmx:after:swap", () => {
  if (document.querySelector("#marked > *")) for (const box of boxes(":checked")) box.checked = false;
  count();
});

count();
