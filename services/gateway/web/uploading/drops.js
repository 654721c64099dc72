// Files that are dragged over the page and dropped.
import { getDroppedFiles } from "@uppy/core/utils";

const STILL = 500; // milliseconds after the last `dragover`; browsers send one at least every 350

/** Anywhere on the page: nobody wants the browser to open the file instead. `element` has the class `over` meanwhile. */
export function hearDrops(element, take) {
  let leaving;
  const over = (is) => element.classList.toggle("over", is);
  const hear = (name, act) =>
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      clearTimeout(leaving);
      act(event);
    });
  hear("dragover", () => {
    over(true);
    leaving = setTimeout(over, STILL, false);
  });
  hear("drop", ({ dataTransfer }) => {
    over(false);
    take(getDroppedFiles(dataTransfer));
  });
}
