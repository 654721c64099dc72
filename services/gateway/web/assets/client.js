// What clients' pages need: every link and form works without it.
import "./parts/pages.js";
import "../downloads/downloads.js";
