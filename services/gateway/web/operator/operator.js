// Dead messages: what can be done to the ticked ones is offered once there are any, and says how many.
function count() {
  const bar = document.getElementById("ticked");
  if (!bar) return;
  const ticked = document.querySelectorAll('.dead [name="ids"]:checked').length;
  bar.hidden = ticked === 0;
  for (const output of document.querySelectorAll("[data-ticked]")) output.value = ticked;
}

document.addEventListener("change", count);
count();
