// htmx as its extensions expect it: in `window`.
import htmx from "htmx.org/dist/htmx.esm.js";

// What people opened stays open when a page looks at itself anew.
htmx.config.morphIgnore.push("open");
// Nor does it take away what a copying button has just said.
htmx.config.morphSkip += ", [data-copied]";

export default htmx;
