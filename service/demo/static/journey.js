// The journey: where the patient really is, the lit diagram, what may be reported, what happened. Draws; asks for drawings.
import { Viewer } from "/room/assets/diagram.js";
import { byId, day, fill, h } from "/demo/walks/dom.js";

/** Around the patient's state words are at least this large, even if some of the drawing is then out of sight. */
const LEAST = 0.9;
const SVG = "http://www.w3.org/2000/svg";

/** The journey's column. `does` has what a touch does: `report(report, who)`, `retract(step)`. */
export class Journey {
  constructor(does) {
    this.does = does;
    this.show = "here";
    this.track = null;
    this.drawings = new Map();
    this.folded = new Set();
    this.viewer = new Viewer(byId("diagram"), { fold: (states, isFolded) => this.fold(states, isFolded) });
    for (const button of document.querySelectorAll("[data-show]")) {
      button.addEventListener("click", () => { this.show = button.dataset.show; this.drawDiagram(); });
    }
    for (const id of ["way-from", "way-to"]) {
      byId(id).addEventListener("change", () => { this.show = "all"; this.drawDiagram(); });
    }
  }

  /** Draws all of it. `truth` is the enrollment as staff see it, `told` where the patient was told to be. */
  async draw({ truth, told, steps, takenBack, release, reports }) {
    Object.assign(this, { truth, told, steps, takenBack, release });
    this.drawPlaces();
    this.drawHeld();
    this.drawReports("reports-patient", reports.patient, "patient", reports.lang);
    this.drawReports("reports-staff", reports.staff, "staff", "en");
    this.drawHistory();
    await this.drawDiagram();
  }

  drawPlaces() {
    const places = Object.entries(this.truth.now.state);
    if (!places.some(([track]) => track === this.track)) this.track = places[0]?.[0] ?? null;
    fill(byId("places"), [places, this.track, this.truth.now.ended], () => [
      this.truth.now.ended && h("p", { class: "ended" }, `${this.truth.now.ended.title}, ${day(this.truth.now.ended.at)}`),
      places.map(([track, place]) => h("button", {
        type: "button", class: "place", "data-key": `track-${track}`, "aria-pressed": String(track === this.track),
        onclick: () => { this.track = track; this.drawPlaces(); this.drawDiagram(); },
      }, h("span", { class: "place-track" }, track.replaceAll("_", " ")), h("span", { class: "place-title" }, place.title),
      h("span", { class: "place-since" }, `since ${day(place.since)}`))),
    ]);
  }

  drawHeld() {
    const held = this.truth.now.held;
    const box = byId("held");
    box.hidden = held.length === 0;
    fill(box, held, () => [h("strong", {}, "Not told yet. "), "The phone shows what the patient was last told, until staff report: ",
      [...new Set(held.map((entry) => this.release.triggers.get(entry.until) ?? entry.until))].join(", "), "."]);
  }

  // --- the diagram ---------------------------------------------------------------------------------------------

  async drawDiagram() {
    for (const button of document.querySelectorAll("[data-show]")) button.setAttribute("aria-pressed", String(button.dataset.show === this.show));
    const here = this.track && this.truth.now.state[this.track];
    if (!here) return;
    const been = this.been(this.track);
    this.drawChoices();
    const [from, to] = [byId("way-from").value, byId("way-to").value];
    const query = new URLSearchParams({ release: this.release.id, folded: [...this.folded].join(",") });
    if (this.show === "here") {
      query.set("around", `${this.track}.${here.state}`);
      query.set("visited", been.map((state) => `${this.track}.${state}`).join(","));
    }
    if (this.show === "all" && from && to) {
      query.set("from", from);
      query.set("to", to);
    }
    const address = `/demo/diagram?${query}`;
    const box = byId("diagram");
    box.setAttribute("aria-busy", "true");
    this.wanted = address;
    if (!this.drawings.has(address)) this.drawings.set(address, await (await fetch(address)).text());
    const svg = prepared(this.drawings.get(address));
    if (this.wanted !== address) return;
    box.removeAttribute("aria-busy");
    byId("way-said").textContent = query.has("from") && !svg.querySelector(".chosen") ? "No way leads there." : "";
    this.light(svg, been);
    if (fill(box, svg.outerHTML, () => svg)) {
      this.viewer.show(svg);
      if (this.show === "all") this.viewer.fit();
      else this.viewer.zoom(Math.max(1, LEAST / this.viewer.scale));
      if (this.show === "here") this.centre();
      this.viewer.showWay();
    }
  }

  /** The states between which a way can be shown: those of the track. */
  drawChoices() {
    const states = [...this.release.states].filter(([full]) => full.startsWith(`${this.track}.`));
    for (const id of ["way-from", "way-to"]) {
      fill(byId(id), states, () => [["", "–"], ...states].map(([full, title]) => h("option", { value: full }, title)));
    }
  }

  async fold(states, isFolded) {
    for (const state of states) isFolded ? this.folded.add(state) : this.folded.delete(state);
    await this.drawDiagram();
    if (states.length === 1) byId("diagram").querySelector(`[data-state="${CSS.escape(states[0])}"]`)?.focus({ preventScroll: true });
  }

  /** The states of a track that the patient has been in, in their order. */
  been(track) {
    return [...new Set(this.steps.flatMap((step) => step.transitions).filter((move) => move.track === track && move.to).map((move) => move.to))];
  }

  light(svg, been) {
    const add = (id, name) => svg.querySelector(`[id="${CSS.escape(id)}"]`)?.classList.add(name);
    const around = (path) => path.split(".").map((_, index, parts) => parts.slice(0, index + 1).join("."));
    for (const [track, place] of Object.entries(this.truth.now.state)) {
      for (const path of around(place.state)) add(`state:${track}.${path}`, "lit");
      const told = this.told[track];
      if (told && told.state !== place.state) add(`state:${track}.${told.state}`, "told");
    }
    const ways = new Map(); // by id: the words, and the two lines, whose ids say more
    for (const part of svg.querySelectorAll(".way")) {
      const id = part.id.split("|")[0];
      ways.set(id, [...(ways.get(id) ?? []), part]);
    }
    const moves = this.steps.flatMap((step) => step.transitions).filter((move) => move.to);
    moves.forEach((move, index) => {
      const isLast = !moves.slice(index + 1).some((later) => later.track === move.track);
      if (move.track === this.track && been.includes(move.to)) add(`state:${move.track}.${move.to}`, "been");
      const starts = [...around(move.from ?? "").map((path) => `${move.track}.${path}`), "many"];
      for (const start of starts) {
        for (const end of around(move.to)) {
          for (const kind of ["", ":timer", ":entered"]) {
            const way = ways.get(`way:${start}>${move.track}.${end}${kind}`);
            const fits = (kind === ":timer") === (move.trigger === "after");
            if (way && fits && end === move.to) for (const part of way) part.classList.add(isLast ? "last" : "gone");
          }
        }
      }
    });
    const titles = Object.values(this.truth.now.state).map((place) => place.title).join("; ");
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", `Diagram of the journey. Highlighted: ${titles}.`);
  }

  /** Moves the drawing so that the state the patient is in stands in the middle, with the one before where both fit. */
  centre() {
    const drawn = (path) => byId("diagram").querySelector(`[id="${CSS.escape(`state:${this.track}.${path}`)}"]`);
    const last = this.steps?.flatMap((step) => step.transitions).filter((move) => move.track === this.track && move.to).at(-1);
    this.viewer.centre([this.truth?.now.state[this.track]?.state, last?.from].map(drawn).filter(Boolean));
  }

  // --- reports and history -------------------------------------------------------------------------------------

  drawReports(id, reports, who, lang) {
    const button = (report) => h("button", {
      type: "button", class: `report ${report.does ?? ""}`, "data-key": `${who}-${report.type}`, "data-type": report.type, lang,
      onclick: () => this.does.report(report, who),
    }, report.label);
    const shown = reports.filter((report) => report.does === "tells").length + (who === "staff" ? 6 : 7);
    fill(byId(id), [reports, lang], () => [
      reports.length === 0 && h("p", { class: "empty" }, "Nothing from here."),
      h("div", { class: "choices" }, reports.slice(0, shown).map(button)),
      reports.length > shown && h("details", {}, h("summary", {}, `${reports.length - shown} more`), h("div", { class: "choices" }, reports.slice(shown).map(button))),
    ]);
  }

  drawHistory() {
    const lines = [...this.steps.map((step) => [step.at, () => this.happened(step)]), ...this.takenBack.map((entry) => [entry.at, () => this.wasTakenBack(entry)])];
    lines.reverse().sort(([first], [second]) => (first < second ? 1 : first > second ? -1 : 0));
    fill(byId("history"), [this.steps, this.takenBack, this.release.id], () => lines.map(([, draw]) => draw()));
  }

  wasTakenBack({ at, type, reason }) {
    return h("li", { class: "event gone" }, h("time", { datetime: at }, day(at)),
      h("div", {}, h("s", { class: "what" }, this.release.triggers.get(type) ?? type.replaceAll("_", " ")), h("span", { class: "led" }, `taken back: ${reason.replaceAll("_", " ")}`)));
  }

  happened(step) {
    const moves = step.transitions.filter((move) => move.to).map((move) => this.title(move.track, move.to));
    const isReport = step.kind === "event" && !["enrolled", "migrated"].includes(step.type);
    const what = step.kind === "event" ? step.title : timerInWords(step.type);
    const outcome = { waiting: `waits for ${step.waiting_for.join(", ").replaceAll("_", " ")}`, ignored: "ignored: nothing is declared for it here" }[step.outcome];
    return h("li", { class: `${step.kind} ${step.outcome}` },
      h("time", { datetime: step.at }, day(step.at)),
      h("div", {}, h("span", { class: "what" }, what), step.by && h("span", { class: "by" }, ` · ${step.by}`),
        moves.length > 0 && h("span", { class: "led" }, `→ ${moves.join(" · ")}`), outcome && h("span", { class: "led" }, outcome)),
      isReport && h("button", {
        type: "button", class: "small", "data-key": `retract-${step.item}`, "data-retract": step.type,
        "aria-label": `Wrong patient: take back “${step.title}” of ${day(step.at)}`, onclick: () => this.does.retract(step),
      }, "Wrong patient"));
  }

  title(track, path) {
    return this.release.states.get(`${track}.${path}`) ?? path;
  }
}

/** What a timer did, from its name. */
function timerInWords(type) {
  const [, kind, rest] = type.match(/^(\w+) (.*?)(?: -?P\S+.*)?$/) ?? [null, "to", ""];
  if (kind === "remind") return `Reminder due: ${rest.replaceAll("-", " ")}`;
  return kind === "task" ? `Task opened: ${rest}` : "Time passed";
}

/** A drawing of Graphviz for this page: without links and tooltips that a keyboard would have to pass through. */
function prepared(text) {
  const svg = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  for (const link of [...svg.querySelectorAll("a")]) {
    const tip = link.getAttribute("xlink:title")?.trim();
    const place = link.parentElement.closest("g[class]") ?? link.parentElement;
    place.querySelector(":scope > title")?.remove();
    if (tip) {
      const title = document.createElementNS(SVG, "title");
      title.textContent = tip;
      place.prepend(title);
    }
    link.replaceWith(...link.childNodes);
  }
  for (const title of svg.querySelectorAll(".journey > title, .graph > title")) title.remove();
  return svg;
}
