// A diagram in its box: it fits, zooms and pans by buttons, mouse and keyboard; its states fold; its form acts at once.
// Pages with [data-diagram] need nothing else; without this script they show the whole diagram, and the form has a button.

const SVG = "http://www.w3.org/2000/svg";
const PIXELS_PER_POINT = 4 / 3;
const LARGEST = 4;
/** At this scale words are as large as those of the page. */
export const READABLE = 1.2;
const ZOOM = 1.25;
const PAN = 80;
const CLICK = 4; // a pointer that moves no further has clicked
const BUTTONS = [
  ["−", "Smaller", (viewer) => viewer.zoom(1 / ZOOM)],
  ["+", "Larger", (viewer) => viewer.zoom(ZOOM)],
  ["Fit", "Fit the whole diagram", (viewer) => viewer.fit()],
  ["←", "Move left", (viewer) => viewer.pan(-PAN, 0)],
  ["→", "Move right", (viewer) => viewer.pan(PAN, 0)],
  ["↑", "Move up", (viewer) => viewer.pan(0, -PAN)],
  ["↓", "Move down", (viewer) => viewer.pan(0, PAN)],
];
const KEYS = {
  "-": BUTTONS[0][2], "_": BUTTONS[0][2], "+": BUTTONS[1][2], "=": BUTTONS[1][2], 0: BUTTONS[2][2],
  ArrowLeft: BUTTONS[3][2], ArrowRight: BUTTONS[4][2], ArrowUp: BUTTONS[5][2], ArrowDown: BUTTONS[6][2],
};

/** Shows the SVG image in `box`. `fold(states, isFolded)` is called for the states that a reader folds or unfolds. */
export class Viewer {
  constructor(box, { fold = null } = {}) {
    Object.assign(this, { box, fold, svg: null, drag: null });
    box.dataset.viewer = "";
    box.before(this.toolbar());
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    box.addEventListener("pointerdown", (event) => this.press(event));
    box.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => this.release());
    box.addEventListener("click", (event) => this.click(event), { capture: true });
    box.addEventListener("dragstart", (event) => event.preventDefault());
    box.addEventListener("focusin", (event) => this.reveal(event.target));
    new ResizeObserver(() => (this.isFit ? this.fit() : this.place())).observe(box);
    this.show(box.querySelector("svg"));
  }

  toolbar() {
    const bar = element("div", { class: "diagram-tools", role: "group", "aria-label": "View of the diagram" });
    for (const [text, label, act] of BUTTONS) bar.append(button(text, label, () => act(this)));
    for (const move of [...bar.children].slice(3)) move.tabIndex = -1; // for pointers: the keyboard has the arrows
    if (this.fold) {
      bar.append(button("Fold all", null, () => this.fold(this.names(".composite"), true)));
      bar.append(button("Unfold all", null, () => this.fold(this.names(".folded"), false)));
    }
    bar.append(element("p", { class: "diagram-keys" }, "Keys in the diagram: + − 0 and arrows"));
    return bar;
  }

  /** Shows another drawing, or the same anew; a diagram that was larger stays as large. */
  show(svg) {
    if (!svg) return;
    const before = this.svg && !this.isFit ? this.scale : null;
    this.svg = svg;
    const [left, top, width, height] = svg.getAttribute("viewBox").split(/\s+/).map(Number);
    this.whole = { left, top, width, height };
    this.box.style.aspectRatio = `${width} / ${height}`;
    this.fit();
    if (before) this.zoom(before / this.scale);
  }

  get smallest() {
    const { clientWidth, clientHeight } = this.box;
    return Math.min(clientWidth / this.whole.width, clientHeight / this.whole.height, PIXELS_PER_POINT);
  }

  get isFit() {
    return this.scale === this.fitted;
  }

  fit() {
    if (!this.svg || !this.box.clientWidth) return;
    this.fitted = this.scale = this.smallest;
    this.x = this.whole.left + this.whole.width / 2;
    this.y = this.whole.top + this.whole.height / 2;
    this.place();
  }

  /** Whether there is anything to move: not while the box is hidden. */
  isPlaced() {
    if (!this.scale) this.fit();
    return Boolean(this.scale);
  }

  /** Makes the diagram larger by a factor; the point (in pixels of the box, by default its middle) stays where it is. */
  zoom(factor, point = { x: this.box.clientWidth / 2, y: this.box.clientHeight / 2 }) {
    if (!this.isPlaced()) return;
    const scale = Math.min(Math.max(this.scale * factor, this.smallest), LARGEST);
    const [right, down] = [point.x - this.box.clientWidth / 2, point.y - this.box.clientHeight / 2];
    this.x += right / this.scale - right / scale;
    this.y += down / this.scale - down / scale;
    this.scale = scale;
    this.place();
  }

  /** Moves what is seen by some pixels. */
  pan(right, down) {
    if (!this.isPlaced()) return;
    this.x += right / this.scale;
    this.y += down / this.scale;
    this.place();
  }

  place() {
    if (!this.svg || !this.box.clientWidth) return;
    if (this.fold && !this.svg.querySelector(".fold-button")) { // what is hidden has no sizes, so not before
      for (const group of this.svg.querySelectorAll(".composite, .folded")) this.addFoldButton(group);
    }
    const { left, top, width, height } = this.whole;
    const [seenWidth, seenHeight] = [this.box.clientWidth / this.scale, this.box.clientHeight / this.scale];
    this.x = between(this.x, left, width, seenWidth);
    this.y = between(this.y, top, height, seenHeight);
    this.svg.setAttribute("viewBox", `${this.x - seenWidth / 2} ${this.y - seenHeight / 2} ${seenWidth} ${seenHeight}`);
    this.box.toggleAttribute("data-zoomed", !this.isFit);
  }

  /** Moves the diagram so that elements stand in the middle, as far as they fit: the first of them in any case. */
  centre(elements) {
    const frame = this.box.getBoundingClientRect();
    const boxes = elements.map((element) => element.getBoundingClientRect());
    if (boxes.length === 0) return;
    const middle = (start, end, size) => {
      const [first, last] = [Math.min(...boxes.map((box) => box[start])), Math.max(...boxes.map((box) => box[end]))];
      return last - first <= size - 24 ? (first + last) / 2 : (boxes[0][start] + boxes[0][end]) / 2;
    };
    this.pan(
      middle("left", "right", frame.width) - frame.left - frame.width / 2,
      middle("top", "bottom", frame.height) - frame.top - frame.height / 2,
    );
  }

  /** Shows the way between two states, if the drawing has one, as large as it fits. */
  showWay() {
    const way = [...(this.svg?.querySelectorAll(".chosen") ?? [])];
    if (way.length === 0 || !this.isPlaced()) return;
    this.fit();
    const boxes = way.map((element) => element.getBoundingClientRect());
    const size = (start, end) => Math.max(...boxes.map((box) => box[end])) - Math.min(...boxes.map((box) => box[start])) + 40;
    this.zoom(Math.min(this.box.clientWidth / size("left", "right"), this.box.clientHeight / size("top", "bottom"), READABLE / this.scale));
    this.centre(way);
  }

  reveal(target) {
    if (target === this.box || !this.svg?.contains(target) || !target.matches(":focus-visible")) return; // not by mouse
    const [frame, seen] = [this.box.getBoundingClientRect(), target.getBoundingClientRect()];
    const isSeen = seen.left >= frame.left && seen.right <= frame.right && seen.top >= frame.top && seen.bottom <= frame.bottom;
    if (!isSeen) this.centre([target]);
  }

  // --- keyboard and pointer --------------------------------------------------------------------------------------

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
    const before = this.svg.getAttribute("viewBox");
    KEYS[event.key](this);
    if (this.svg.getAttribute("viewBox") !== before) event.preventDefault(); // else the page scrolls as ever
  }

  wheel(event) {
    if (!event.ctrlKey) return; // also what a pinch on a trackpad sends
    event.preventDefault();
    const frame = this.box.getBoundingClientRect();
    this.zoom(event.deltaY < 0 ? ZOOM : 1 / ZOOM, { x: event.clientX - frame.left, y: event.clientY - frame.top });
  }

  press(event) {
    if (event.button === 0) this.drag = { x: event.clientX, y: event.clientY, isMove: false };
  }

  move(event) {
    if (!this.drag) return;
    const [right, down] = [event.clientX - this.drag.x, event.clientY - this.drag.y];
    if (!this.drag.isMove && Math.hypot(right, down) < CLICK) return;
    if (!this.drag.isMove) this.box.setPointerCapture(event.pointerId);
    this.drag = { x: event.clientX, y: event.clientY, isMove: true };
    this.pan(-right, -down);
  }

  release() {
    this.hasMoved = this.drag?.isMove ?? false;
    this.drag = null;
  }

  click(event) {
    if (this.hasMoved) {
      event.preventDefault();
      event.stopPropagation();
    }
    this.hasMoved = false;
  }

  // --- folding ---------------------------------------------------------------------------------------------------

  names(selector) {
    return [...this.svg.querySelectorAll(selector)].map((group) => group.id.replace(/^state:/, ""));
  }

  addFoldButton(group) {
    const shape = group.querySelector("path, polygon").getBBox();
    const isFolded = group.classList.contains("folded");
    const words = [...group.querySelectorAll("text")].map((text) => text.textContent).join(" ");
    const state = group.id.replace(/^state:/, "");
    const [x, y] = [shape.x + shape.width - 20, shape.y + 5];
    const act = (event) => {
      if (event.type === "keydown" && !["Enter", " "].includes(event.key)) return;
      event.preventDefault();
      this.fold([state], !isFolded);
    };
    const control = drawn("g", {
      class: "fold-button", role: "button", tabindex: "0", "aria-expanded": String(!isFolded),
      "aria-label": `${isFolded ? "Unfold" : "Fold"} ${words}`, "data-state": state,
    });
    control.append(
      drawn("rect", { x, y, width: 15, height: 15, rx: 3 }),
      drawn("path", { d: `M${x + 4} ${y + 7.5}h7${isFolded ? `M${x + 7.5} ${y + 4}v7` : ""}` }),
    );
    control.addEventListener("click", act);
    control.addEventListener("keydown", act);
    group.append(control);
  }
}

/** The middle of what is seen, so that nothing beyond the edge of the drawing is; all of it where it fits. */
function between(middle, start, size, seen) {
  return seen >= size ? start + size / 2 : Math.min(Math.max(middle, start + seen / 2), start + size - seen / 2);
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function button(text, label, act) {
  const made = element("button", { type: "button", "aria-label": label, title: label }, text);
  made.addEventListener("click", act);
  return made;
}

/** Makes the diagrams of a page move, and the form of a whole diagram act on each choice. */
function enhance() {
  for (const box of document.querySelectorAll("[data-diagram]:not([data-viewer])")) {
    const form = document.querySelector("[data-diagram-form]");
    const viewer = new Viewer(box, { fold: form && ((states, isFolded) => choose(form, viewer, states, isFolded)) });
    form?.addEventListener("change", () => redraw(form, viewer));
    viewer.showWay();
  }
}

function choose(form, viewer, states, isFolded) {
  for (const field of form.querySelectorAll("[name=folded]")) {
    if (states.includes(field.value)) field.checked = isFolded;
  }
  redraw(form, viewer, states.length === 1 ? states[0] : null);
}

async function redraw(form, viewer, focused = null) {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  const address = `${location.pathname}?${query}`;
  viewer.box.setAttribute("aria-busy", "true");
  viewer.wanted = address;
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) return location.assign(address); // the page says why
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (viewer.wanted !== address) return; // the reader has chosen something else meanwhile
  viewer.box.removeAttribute("aria-busy");
  history.replaceState(null, "", address);
  const svg = page.querySelector("[data-diagram] svg");
  viewer.svg.replaceWith(svg);
  viewer.show(svg);
  viewer.showWay();
  const [way, next] = [document, page].map((shown) => shown.querySelector("[data-diagram-way]"));
  Object.assign(way, { lang: next.lang, dir: next.dir });
  way.replaceChildren(...next.childNodes);
  if (focused) svg.querySelector(`[data-state="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

enhance();
document.addEventListener("page-renewed", enhance);
