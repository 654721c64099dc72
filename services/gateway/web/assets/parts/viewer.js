// Photos full screen. In a container `[data-viewer]` with the words for it (shell/viewer.html), each photo is a link
// `a[data-full]` to its large preview with data-width, data-height and data-name. An element `[data-tool]` beside the
// link moves into the viewer while its photo is shown. A link `a[data-more]` brings further photos on the event `more`.
import htmx from "./htmx.js";

const LONGEST = 1600; // pixels of a large preview
const NEAR_THE_END = 5; // photos
const MARGIN = { top: 56, bottom: 72, left: 0, right: 0 };

let shown = null;

if (history.state?.viewer) history.back(); // reloaded while it was open

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-viewer] a[data-full]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  event.preventDefault();
  if (!shown) open(link).catch(() => location.assign(link.href));
});

document.addEventListener("htmx:after:swap", () => shown?.find());

async function open(link) {
  const viewer = (shown = new Viewer(link.closest("[data-viewer]")));
  try {
    const { default: PhotoSwipe } = await import("photoswipe");
    viewer.show(PhotoSwipe, link);
  } catch (error) {
    shown = null;
    throw error;
  }
}

class Viewer {
  links = [];
  photos = [];

  constructor(container) {
    this.container = container;
    this.caption = element("viewer-caption");
    this.caption.setAttribute("aria-live", "polite");
    this.tools = element("viewer-tools");
    this.find();
  }

  /** Photos that have come since. */
  find() {
    const found = [...this.container.querySelectorAll("a[data-full]")].filter((link) => !this.links.includes(link));
    this.links.push(...found);
    this.photos.push(...found.map(photo));
    if (found.length) this.swipe?.refreshSlideContent(this.swipe.currIndex + 1);
  }

  show(PhotoSwipe, link) {
    const { viewerLabel, ...titles } = this.container.dataset;
    const swipe = (this.swipe = new PhotoSwipe({
      ...titles,
      dataSource: this.photos,
      index: this.links.indexOf(link),
      loop: false,
      counter: false,
      bgOpacity: 1,
      bgClickAction: false,
      imageClickAction: "zoom",
      returnFocus: false,
      padding: MARGIN,
      showAnimationDuration: 200,
      hideAnimationDuration: 200,
    }));
    swipe.on("uiRegister", () => {
      swipe.ui.registerElement({ name: "foot", appendTo: "root", onInit: (foot) => foot.append(this.caption, this.tools) });
    });
    swipe.on("change", () => this.turn());
    swipe.on("destroy", () => this.leave());
    this.#closeByBack();
    swipe.init();
    swipe.element.setAttribute("aria-label", viewerLabel);
    swipe.element.setAttribute("aria-modal", "true");
    for (const slide of swipe.element.querySelectorAll("[aria-roledescription]")) slide.removeAttribute("aria-roledescription");
  }

  /** Every way out is the Back button's. The state below is not htmx's, or it would look the page up anew. */
  #closeByBack() {
    const { swipe } = this;
    const close = swipe.close.bind(swipe);
    let leaving = false;
    history.replaceState(null, "");
    history.pushState({ viewer: true, htmx: true }, "");
    swipe.close = () => {
      if (!leaving) history.back();
      leaving = true;
    };
    // PhotoSwipe hears keys only once it has opened, and lets go of all listeners when it closes.
    swipe.events.add(document, "keydown", ({ key }) => key === "Escape" && swipe.close());
    addEventListener("popstate", () => (swipe.opener.isOpen ? close() : swipe.on("openingAnimationEnd", close)), { once: true });
  }

  /** Another photo is shown. */
  turn() {
    const at = this.swipe.currIndex;
    this.caption.textContent = `${at + 1} / ${this.container.dataset.total ?? this.links.length} · ${this.links[at].dataset.name}`;
    this.#putBack();
    const tool = this.links[at].parentElement.querySelector("[data-tool]");
    if (tool) {
      this.place = document.createComment("");
      tool.replaceWith(this.place);
      this.tools.append(tool);
    }
    const more = this.container.querySelector("a[data-more]");
    if (more && at >= this.links.length - NEAR_THE_END) htmx.trigger(more, "more");
  }

  #putBack() {
    this.place?.replaceWith(...this.tools.childNodes);
    this.tools.replaceChildren();
    this.place = null;
  }

  async leave() {
    const seen = this.links[this.swipe.currIndex];
    this.#putBack();
    shown = null;
    await window.navigation?.transition?.finished; // Back scrolls to where it was
    seen.scrollIntoView({ block: "nearest" });
    seen.focus({ preventScroll: true });
  }
}

function element(name) {
  const made = document.createElement("div");
  made.className = name;
  return made;
}

function photo(link) {
  const { width, height, name } = link.dataset;
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const small = link.querySelector("img");
  return {
    src: link.href,
    width: Math.round(width * scale),
    height: Math.round(height * scale),
    alt: name,
    element: link,
    get msrc() {
      return small?.currentSrc;
    },
  };
}
