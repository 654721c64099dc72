// What clients' pages need: every link and form works without it.
import "./parts/pages.js";
import "../downloads/downloads.js";
import "./parts/viewer.js";
import "../ordering/ordering.js";
import "./parts/copy.js";
