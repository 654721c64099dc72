// Buttons that copy: `<button type="button" data-copy="what">`. The button says so for a moment, and it is announced.
const SHOWN = 2000;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || button.dataset.copied) return;
  button.dataset.copied = "";
  await write(button);
  const before = [...button.childNodes];
  const { textContent: word } = document.getElementById("copied").content;
  button.replaceChildren(word);
  announce(button, word);
  setTimeout(() => {
    button.replaceChildren(...before);
    delete button.dataset.copied;
    button.closest(".menu")?.hidePopover();
  }, SHOWN);
});

// Browsers give the clipboard to pages behind HTTPS only; elsewhere the old way works.
async function write(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    const field = document.createElement("textarea");
    field.value = button.dataset.copy;
    button.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
}

// In an open dialog: outside it nothing is heard.
function announce(button, word) {
  const heard = document.createElement("span");
  heard.className = "hidden-text";
  heard.role = "status";
  (button.closest("dialog") ?? document.body).append(heard);
  requestAnimationFrame(() => heard.append(word));
  setTimeout(() => heard.remove(), SHOWN);
}
