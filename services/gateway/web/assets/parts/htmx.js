// htmx as its extensions expect it: in `window`.
import htmx from "htmx.org/dist/htmx.esm.js";

export default htmx;
