// Reminders: the button says how many are ticked.
function count() {
  for (const form of document.querySelectorAll(".reminders .confirm")) {
    form.querySelector("[data-ticked]").textContent = form.querySelectorAll("[name=order_ids]:checked").length;
  }
}

document.addEventListener("change", count);
document.addEventListener("htmx:after:swap", count);
count();
