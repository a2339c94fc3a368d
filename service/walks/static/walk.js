// A walk: draws the phone of one step, and takes the next. The page is replaced by that of the longer walk; nothing is stored.
import { h } from "./dom.js";
import { ask } from "./forms.js";
import { LockScreen } from "./lock.js";
import { Phone } from "./phone.js";

/** The phone that was drawn last, and the address of its step. */
let drawn = { address: "", phone: null };

const part = (name) => new URL(name, import.meta.url).href;

/** Takes up the walk of this page, or the form with which a walk begins. */
function start() {
  const root = document.querySelector("[data-walk]");
  if (!root || root.dataset.started) return;
  root.dataset.started = "";
  const data = JSON.parse(root.querySelector("[data-walk-data]").textContent);
  const dialog = dialogOf(root);
  if (data.view) drawPhone(root, data, dialog);
  for (const button of root.querySelectorAll("[data-add]")) {
    button.addEventListener("click", () => add(data, JSON.parse(button.dataset.add)));
  }
  for (const button of root.querySelectorAll("[data-form]")) {
    const [kind, index] = button.dataset.form.split(" ");
    button.addEventListener("click", () => fillIn(root, data, dialog, kind, [data[kind]].flat()[index ?? 0]));
  }
  root.querySelector("[data-until]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    add(data, { until: event.target.elements.day.value });
  });
  root.querySelector("[data-record]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    record(event.target);
  });
  for (const link of root.querySelectorAll("a[data-step]")) {
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      go(link.href);
    });
  }
  const here = root.querySelector(".here");
  if (here) here.parentElement.scrollTop = here.offsetTop - here.parentElement.offsetTop - 80;
  root.dataset.ready = "";
}

/** Opens the form of a report, of joining, or of placing. */
function fillIn(root, data, dialog, kind, form) {
  const step = {
    entries: (rest) => ({ begin: form.type, ...rest }),
    patient: (rest) => ({ report: form.type, by: "patient", ...rest }),
    staff: (rest) => ({ report: form.type, by: "staff", ...rest }),
    placing: (rest) => ({ place: "", ...rest }),
  }[kind];
  root.querySelector("[data-dialog]").dataset.opener = document.activeElement?.id ?? "";
  ask(dialog, form, {
    who: { entries: "A made-up patient joins", patient: "The patient reports", staff: "The care team reports", placing: "Set by hand" }[kind],
    lang: kind === "patient" ? data.view.locale : document.documentElement.lang,
    today: data.now.slice(0, 10),
    verb: { entries: "Join", placing: "Place" }[kind],
    isDated: kind !== "placing",
    mayDecline: kind === "patient",
    maySayTold: kind === "staff" && form.does === "moves",
    send: (filled) => add(data, step(filled)),
  });
}

/** Asks for the walk with one more step, and shows it; a refusal is shown, and the walk stays as it is. */
async function add(data, step) {
  const address = new URL(data.step, location.href);
  address.searchParams.set("add", JSON.stringify(step));
  const { ok, body } = await asked(address);
  if (ok) await go(body.address);
  else say(body.detail ?? body.title, Object.entries(body.errors ?? {}));
  return { ok, body };
}

/** Asks for JSON; an answer that is none, or no answer at all, is a problem in words. */
async function asked(address, options) {
  const answer = await fetch(address, options).catch(() => null);
  if (!answer) return { ok: false, body: { title: "No answer came. Check that the service is running, and try again." } };
  const body = await answer.json().catch(() => null);
  return body ? { ok: answer.ok, body } : { ok: false, body: { title: "The step was not taken. Reload the page; perhaps you must sign in again." } };
}

async function record(form) {
  const { ok, body } = await asked(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  document.querySelector("[data-problem-of-walk]").hidden = ok;
  if (ok) document.querySelector("[data-recorded]").textContent = `Written to ${body.file}.`;
  else say(body.detail ?? body.title, Object.entries(body.errors ?? {}));
}

/** Shows a problem on the page as it is now: it may have been renewed while the answer was awaited. */
function say(text, errors = []) {
  const root = document.querySelector("[data-walk]");
  const place = root.querySelector("[data-problem-of-walk]");
  place.hidden = false;
  place.textContent = [text, ...errors.map(([name, texts]) => `${name}: ${texts.join(" ")}`)].join(" ");
  if (!root.querySelector("[data-dialog]").shadowRoot.querySelector("dialog").open) place.scrollIntoView({ block: "nearest" });
}

/** The id of the focused element or of the button that opened the form, or the key of the focused part of the phone. */
function focusedPart() {
  const element = document.activeElement;
  const form = document.querySelector("[data-dialog]");
  const isOpen = form?.shadowRoot?.querySelector("dialog").open; // its button is disabled meanwhile, and so not focused
  return { id: isOpen ? form.dataset.opener : element?.id, key: element?.shadowRoot?.activeElement?.dataset.key };
}

/** Shows the page of another step in the place of this one; the back button leads here again. */
async function go(address, isNew = true) {
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.querySelector("[data-walk]");
  if (!next) {
    location.assign(address);
    return;
  }
  const focused = focusedPart();
  if (isNew) history.pushState(null, "", address);
  document.title = page.title;
  document.querySelector("main").replaceWith(next.closest("main"));
  document.dispatchEvent(new Event("page-renewed"));
  const { id, key } = focused;
  const host = document.querySelector("[data-phone]")?.shadowRoot;
  const target = (id && document.getElementById(id)) || (key && host?.querySelector(`[data-key="${CSS.escape(key)}"]`));
  (host?.querySelector(".said") || target || document.querySelector("main")).focus({ preventScroll: true });
  next.querySelector("[data-news]").textContent = next.dataset.walk;
}

// --- the phone -------------------------------------------------------------------------------------------------------

/** A shadow tree with the styles of the demonstration, which do not reach the page around it. */
function shadow(host, ...children) {
  const root = host.attachShadow({ mode: "open" });
  root.append(...["parts.css", "phone.css"].map((name) => h("link", { rel: "stylesheet", href: part(name) })), ...children);
  return root;
}

function dialogOf(root) {
  const dialog = h("dialog", { "aria-labelledby": "form-title" });
  shadow(root.querySelector("[data-dialog]"), dialog);
  return dialog;
}

function drawPhone(root, data, dialog) {
  const lockElement = h("div", { class: "lock", role: "region", "aria-label": "Lock screen" });
  const screen = h("div", { class: "screen", tabindex: "0", role: "region", "aria-label": "The phone's screen" });
  shadow(root.querySelector("[data-phone]"), h("div", { class: "handset" }, lockElement, screen));
  const read = async (address) => {
    const answer = await fetch(address);
    return answer.ok ? answer.json() : null;
  };
  const marked = (type, card) => {
    if (type === "dismissed") data.view.cards = data.view.cards.filter((other) => other.key !== card.key);
    if (type === "seen") card.seen = true;
    phone.redraw();
  };
  const phone = new Phone(screen, {
    mark: marked,
    open: async (card) => (await read(card.body))?.html ?? null,
    report: (type) => {
      const form = data.patient.find((each) => each.type === type);
      if (form) fillIn(root, data, dialog, "patient", form);
    },
    speak: (locale) => {
      const address = new URL(data.page, location.href);
      address.searchParams.set("locale", locale);
      go(address.href);
    },
    picture: (url) => Promise.resolve(url),
    moved: () => {},
    answer: (question, facts) => add(data, { report: "answered", by: "patient", facts, ...(question.survey && { question: question.key }) }),
    askLater: (question) => add(data, { later: question.key }),
    choose: (topic) => add(data, { [topic.report]: topic.key }),
  }, data.texts);
  phone.questions.said = data.said;
  const openMessage = async (message, takesFocus = true) => {
    const from = `message-${message.id}`;
    const piece = await read(message.body);
    if (piece) phone.show({ key: message.piece, from, title: message.channel === "email" ? message.subject : piece.title, html: piece.html }, takesFocus);
  };
  new LockScreen(lockElement, openMessage, data.texts).draw(data.messages, { locale: data.view.locale, zone: data.zone, now: data.now });
  phone.draw(data.view, data.locales);
  // A text that is being read stays open when files were changed, and is read anew.
  const opened = drawn.address === location.href ? drawn.phone.opened : null;
  const message = data.messages.find((other) => `message-${other.id}` === opened?.from);
  const card = data.view.cards.find((other) => other.key === opened?.key);
  if (message) openMessage(message, false);
  else if (card && !opened.from) phone.open(card, false);
  drawn = { address: location.href, phone };
}

document.addEventListener("page-renewed", start);
addEventListener("popstate", () => { if (document.querySelector("[data-walk]")) go(location.href, false); });
start();
