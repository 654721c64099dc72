// What photographers' pages need.
import "./parts/pages.js";
import "htmx.org/dist/ext/hx-sse.js";
import "./parts/live.js";
import "../reminders/reminders.js";
