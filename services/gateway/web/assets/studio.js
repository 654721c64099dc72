// What photographers' pages need.
import "./parts/pages.js";
import "./parts/copy.js";
import "htmx.org/dist/ext/hx-sse.js";
import "./parts/live.js";
import "./parts/viewer.js";
import "../uploading/uploading.js";
import "../photos/photos.js";
import "../transfer/transfer.js";
import "./parts/asked.js";
import "./parts/print.js";
import "../orders/orders.js";
import "../reminders/reminders.js";
import "../operator/operator.js";
