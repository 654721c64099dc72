// Photos that are selected, and the bar with what to do with them.
import { Words } from "../assets/parts/words.js";

const form = document.getElementById("chosen");
if (form) select(new Words(form));

function select(words) {
  const removed = document.getElementById("removed");
  let last = null;
  const boxes = () => [...document.getElementsByName("photo_id")];

  const show = () => {
    const count = boxes().filter((box) => box.checked).length;
    form.hidden = !count;
    form.querySelector(".danger").textContent = words.say("remove", { count });
  };

  document.addEventListener("click", ({ target, shiftKey }) => {
    if (target.closest?.("#removed button") || target.name === "photo_id") removed.replaceChildren();
    if (target.name !== "photo_id") return;
    if (shiftKey && last?.isConnected) check(boxes(), last, target);
    last = target;
    show();
  });
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("htmx:after:request", ({ detail: { ctx } }) => ctx.response?.raw.ok && form.reset());
  document.addEventListener("htmx:after:swap", show);
  show();
}

/** With the shift key: all that are between. */
function check(boxes, from, to) {
  const [first, last] = [boxes.indexOf(from), boxes.indexOf(to)].sort((one, other) => one - other);
  for (const box of boxes.slice(first, last + 1)) box.checked = to.checked;
}
