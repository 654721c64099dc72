// htmx as its extensions expect it: in `window`.
import htmx from "htmx.org/dist/htmx.esm.js";

// What people opened stays open when a page looks at itself anew.
htmx.config.morphIgnore.push("open");

export default htmx;
