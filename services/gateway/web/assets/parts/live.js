// A page's `#live` hears what happens in the gallery; parts of the page listen to it by `hx-trigger="order from:#live"`.
import htmx from "./htmx.js";

// Hidden tabs miss events: after each connection everything is looked up anew, and after each own change, too.
const look = () => htmx.trigger("#live", "look");

document.addEventListener("htmx:sse:after:connection", look);
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET" && ctx.response?.raw.ok && document.getElementById("live")) look();
});
