// Reminders and bank statements: the button says how many are ticked.
function count() {
  for (const form of document.querySelectorAll(".reminders .confirm")) {
    form.querySelector("[data-ticked]").textContent = form.querySelectorAll("[type=checkbox]:checked").length;
  }
}

document.addEventListener("change", count);
document.addEventListener("htmx:after:swap", count);
count();
