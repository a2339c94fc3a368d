// The demonstration's page: what is chosen, what is asked for, and what every touch does. The parts draw themselves.
import { Calls } from "./calls.js";
import { byId, day, fill, h } from "/demo/walks/dom.js";
import { ask } from "/demo/walks/forms.js";
import { Journey } from "./journey.js";
import { LockScreen } from "/demo/walks/lock.js";
import { Phone } from "/demo/walks/phone.js";
import { Wire } from "./wire.js";

const BEAT = 1500;
const ASK_AGAIN_DAYS = 7;
let setup = JSON.parse(byId("setup").textContent);
let patient = setup.patients.find((each) => each.locale === document.documentElement.lang);
let pulse = null;
let reports = { patient: [], staff: [], lang: "en" };
const spoken = new Map();
const releases = new Map();
const shownTitles = new Map();

const wire = new Wire({ again: sendAgain, close: closeTask });
const calls = new Calls((call) => wire.add(call));
const phone = new Phone(byId("phone"), {
  mark, open: openPiece, report: reportFromPhone, speak, picture: (url) => calls.picture(patient.token, url), moved: () => tell("phone"),
  answer: (question, facts) => answerQuestion(question, { facts, ...(question.survey && { question: question.key }) }), askLater,
  choose: chooseTopic, say,
}, setup.texts);
const lock = new LockScreen(byId("lock"), openMessage, setup.texts);
const journey = new Journey({ report: askForReport, retract });

const at = (rest = "") => `/v1/enrollments/${patient.enrollment}${rest}`;
const locale = () => spoken.get(patient.ref) ?? patient.locale;
const now = () => new Date(Date.parse(pulse.now) + performance.now() - pulse.at);

// --- reading -------------------------------------------------------------------------------------------------------

let reading = null;
let again = false;

/** Reads all that is shown and draws it. One reading at a time; what changes meanwhile is read once more. */
async function refresh() {
  if (reading) {
    again = true;
    return reading;
  }
  reading = (async () => {
    do {
      again = false;
      await readAll();
    } while (again);
  })().finally(() => { reading = null; });
  return reading;
}

async function readAll() {
  const who = patient;
  await beat();
  const clinic = setup.clinic;
  const query = new URLSearchParams({ enrollment: who.enrollment });
  const arrived = await own(`/demo/phone?${query}`);
  const [view, truth, explanation, takenBack, tasks, staff] = await Promise.all([
    calls.getIfChanged(patient.token, at(`/view?locale=${locale()}`)), calls.get(clinic, at("?locale=en")),
    calls.get(clinic, at("/explain?locale=en")), readTakenBack(), calls.get(clinic, `/v1/tasks?${query}`),
    own(`/demo/reports?${query}`),
  ]);
  if (who !== patient || ![view, truth, explanation, tasks].every((call) => call.body && (call.ok || call.same))) return;
  const release = await readRelease(truth.body.journey, truth.body.release);
  reports = { patient: view.body.can_report, staff: staff.items, lang: view.body.locale };
  drawPhone(view.body);
  lock.draw(arrived.items, { locale: view.body.locale, zone: who.zone, now: pulse.now });
  await journey.draw({ truth: truth.body, told: await readTold(truth.body), steps: explanation.body.steps, takenBack, release, reports });
  const titles = new Map(truth.body.now.content.map((piece) => [piece.key, piece.title]));
  for (const card of view.body.cards) shownTitles.set(card.key, card.title);
  wire.drawTasks(tasks.body.items, pulse.now, (task) => release.states.get(task.state) ?? release.facts.get(task.state) ?? "");
  wire.drawMessages(explanation.body.messages, titles);
  wire.drawWhy(explanation.body, (track, path) => release.states.get(`${track}.${path}`) ?? path);
  drawNow();
  document.body.dataset.ready = `${who.ref} ${pulse.round}`;
}

/** Where the patient was told to be: only while something is held is it not where they are. */
async function readTold(truth) {
  return truth.now.held.length ? (await calls.get(patient.token, at())).body.now.state : truth.now.state;
}

/** The events that were taken back: they are in the history for ever, and in no explanation of what is so now. */
async function readTakenBack() {
  const lines = [];
  for (let cursor = ""; cursor !== null;) {
    const { ok, body } = await calls.get(setup.clinic, at(`/history?limit=100${cursor && `&cursor=${cursor}`}`));
    lines.push(...(ok ? body.items : []));
    cursor = ok ? body.next : null;
  }
  const events = new Map(lines.filter((line) => line.kind === "event").map((line) => [line.item, line]));
  return lines.filter((line) => line.kind === "retracted" && events.has(line.item)).map(({ item, data }) => {
    const { at: happened, data: { type } } = events.get(item);
    return { item, at: happened, type, reason: data.reason };
  });
}

async function readRelease(key, id) {
  if (!releases.has(id)) {
    const { body } = await calls.get(setup.clinic, `/v1/journeys/${key}/releases/${id}?locale=en`);
    releases.set(id, { id, states: new Map(body.states.map((entry) => [entry.state, entry.title])), triggers: new Map(body.triggers.map((entry) => [entry.type, entry.title])), facts: new Map(body.facts.map((entry) => [entry.name, entry.title])) });
  }
  return releases.get(id);
}

async function own(path, body) {
  const answer = await fetch(path, body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), cache: "no-store" } : { cache: "no-store" });
  return answer.json();
}

/** What the demonstration itself says: its clock, its files, and whether anything changed; true where it did. */
async function beat() {
  const before = pulse;
  const answer = await own(`/demo/pulse?enrollment=${patient.enrollment}`);
  pulse = { ...answer, at: performance.now(), of: patient.enrollment };
  drawNow();
  drawFiles();
  return before !== null && (before.of !== pulse.of || JSON.stringify([before.changes, before.round]) !== JSON.stringify([pulse.changes, pulse.round]));
}

async function watch() {
  try {
    const before = pulse;
    const isIdle = () => !document.hidden && !reading && !("busy" in document.body.dataset);
    if (isIdle() && await beat() && isIdle()) {
      if (pulse.round !== before.round) return location.reload();
      wire.begin(pulse.files.number !== before.files.number ? "The files were published" : "Something changed elsewhere");
      await refresh();
    }
  } catch {
    // The service is being restarted; the next beat tries again.
  }
  return setTimeout(watch, BEAT);
}

function drawNow() {
  fill(byId("now"), pulse.now.slice(0, 10), () => new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(pulse.now)));
}

function drawFiles() {
  const { problems, said, number } = pulse.files;
  const box = byId("files");
  box.hidden = !problems.length && (number <= 1 || !said.length);
  box.classList.toggle("wrong", problems.length > 0);
  fill(box, pulse.files, () => (problems.length
    ? [h("p", {}, h("strong", {}, `${problems.length} ${problems.length === 1 ? "mistake" : "mistakes"} in the files. `), "The page still shows the last version without mistakes."), h("ul", {}, problems.slice(0, 5).map((problem) => h("li", {}, h("code", {}, problem))))]
    : h("p", {}, said.join(" "))));
}

// --- doing -----------------------------------------------------------------------------------------------------------

async function did(label, action) {
  document.body.dataset.busy = "";
  wire.begin(label);
  const before = byId("phone").textContent;
  try {
    const call = await action();
    await refresh();
    const shown = byId("phone").querySelector(".hero-title")?.textContent;
    byId("news").textContent = `${label}. The phone ${byId("phone").textContent === before ? "shows the same as before" : `now shows: ${shown ?? "a page"}`}.`;
    complain(call && call.ok === false && !byId("form").open ? call.body?.detail ?? call.body?.title : null);
    return call;
  } catch (error) {
    complain("The service did not answer. Is it still running?");
    throw error;
  } finally {
    delete document.body.dataset.busy;
  }
}

/** Reports an event; the answer brings the screen along, so that the phone shows it at once. */
async function postEvent(token, event) {
  const call = await calls.post(token, at(`/events?include=view&locale=${locale()}`), event);
  if (call.ok) drawPhone(call.body.view);
  return call;
}

function drawPhone(view) {
  phone.draw(view, setup.locales[view.journey] ?? [view.locale]);
}

function askForReport(report, who) {
  const isStaff = who === "staff";
  const token = isStaff ? setup.clinic : patient.token;
  ask(byId("form"), report, {
    lang: isStaff ? "en" : locale(),
    who: isStaff ? "The care team reports" : `${patient.name} reports`,
    today: now().toISOString().slice(0, 10),
    mayDecline: !isStaff,
    maySayTold: isStaff && report.does === "moves",
    send: ({ facts, happened, told }) => did(`${isStaff ? "The care team" : patient.name}: ${report.label}`, () => postEvent(token, {
      id: newId(), type: report.type, occurred_at: happened ?? now().toISOString(),
      ...(Object.keys(facts).length ? { facts } : {}), ...(told ? { told } : {}),
    })),
  });
}

function reportFromPhone(type) {
  const report = reports.patient.find((other) => other.type === type);
  if (report) askForReport(report, "patient");
}

async function retract(step) {
  const call = await did(`Wrong patient: ${step.title}`, () => calls.post(setup.clinic, at(`/events/${step.item}/retraction`), { reason: "wrong_patient" }));
  const shown = call.ok ? call.body.decision.shown ?? [] : [];
  byId("shown").replaceChildren(h("div", { class: call.ok ? "taken-back" : "problem" },
    h("p", {}, call.ok ? `“${step.title}” was taken back. ${patient.name} was shown because of it:` : call.body.detail ?? call.body.title),
    call.ok && h("ul", {}, shown.length ? shown.map((text) => h("li", {}, h("strong", {}, shownTitles.get(text.piece) ?? text.piece), ` (${text.piece}, ${text.locale}, ${text.channel})`)) : h("li", {}, "nothing"))));
}

function mark(type, card) {
  const label = { seen: "read", dismissed: "hid", helpful: "found helpful" }[type];
  return did(`${patient.name} ${label}: ${card.title}`, () => postEvent(patient.token, { id: newId(), type, occurred_at: now().toISOString(), piece: card.key }));
}

/** Answers a question; the answer says what it changed, and brings the screen along. */
function answerQuestion(question, answer) {
  return did(`${patient.name}: ${question.question}`, async () => {
    const call = await calls.post(patient.token, at(`/answers?include=view&locale=${locale()}`), { id: newId(), occurred_at: now().toISOString(), ...answer });
    if (call.ok) drawPhone(call.body.view);
    return call;
  });
}

function askLater(question) {
  const until = new Date(now().getTime() + ASK_AGAIN_DAYS * 86_400_000).toISOString().slice(0, 10);
  return answerQuestion(question, { question: question.key, until });
}

/** Writes to the care team. */
function say(text) {
  return did(`${patient.name} writes to the care team`, () => calls.post(patient.token, at("/messages"), { id: newId(), text }));
}

/** Asks for a topic, or declines it. */
function chooseTopic(topic) {
  const label = topic.shown ? "does not want to read about" : "wants to read about";
  const event = { id: newId(), type: topic.report, occurred_at: now().toISOString(), topic: topic.key };
  return did(`${patient.name} ${label}: ${topic.title}`, () => postEvent(patient.token, event));
}

async function openPiece(card) {
  wire.begin(`${patient.name} opens: ${card.title}`);
  const call = await calls.get(patient.token, card.body);
  return call.ok ? call.body.html : null;
}

/** Opens what a banner is about in the app, and an e-mail as it was written. */
async function openMessage(message) {
  wire.begin(`${patient.name} opens a message`);
  const from = `message-${message.id}`;
  if (message.channel === "email") return phone.show({ key: message.id, from, title: message.subject, text: message.text });
  const call = await calls.get(patient.token, at(`/content/${message.piece}?locale=${locale()}`));
  return call.ok && phone.show({ key: message.piece, from, title: call.body.title, html: call.body.html });
}

function speak(chosen) {
  spoken.set(patient.ref, chosen);
  phone.close();
  return did(`Language of the phone: ${chosen}`, async () => null);
}

function closeTask(task) {
  return did(`The care team closes: ${task.title}`, () => calls.post(setup.clinic, `/v1/tasks/${task.id}/close`));
}

async function sendAgain(call) {
  const second = await did("The same line again", () => calls.again(call));
  wire.sayAgain(call, second);
}

function passTime(duration, label) {
  return did(label, () => own("/demo/clock", { pass: duration }));
}

async function startOver() {
  setup = await own("/demo/start-over", {});
  wire.clear();
  byId("shown").replaceChildren();
  choose(patient.ref);
}

function choose(ref) {
  patient = setup.patients.find((other) => other.ref === ref);
  for (const place of document.querySelectorAll(".name")) place.textContent = patient.name;
  byId("shows").textContent = patient.shows;
  byId("shown").replaceChildren();
  phone.close();
  return did(`${patient.name} is chosen`, async () => null);
}

/** Shows what went wrong, until something goes right. */
function complain(text) {
  byId("trouble").hidden = !text;
  byId("trouble").textContent = text ?? "";
}

/** Where one part is seen at a time: marks another one that has something new. */
function tell(part) {
  if (document.querySelector("main").dataset.part !== part) document.querySelector(`.tabs [data-part="${part}"]`).dataset.news = "";
}

/** A reporter's id for what it reports, never used before. */
function newId() {
  return `demo-${crypto.randomUUID().slice(0, 8)}`;
}

// --- the page itself -------------------------------------------------------------------------------------------------

for (const choice of document.querySelectorAll('input[name="patient"]')) choice.addEventListener("change", () => choose(choice.value));
for (const step of document.querySelectorAll("[data-pass]")) step.addEventListener("click", () => passTime(step.dataset.pass, step.textContent));
for (const tab of document.querySelectorAll(".tabs button")) {
  tab.addEventListener("click", () => {
    document.querySelector("main").dataset.part = tab.dataset.part;
    delete tab.dataset.news;
    for (const button of document.querySelectorAll(".tabs button")) button.setAttribute("aria-pressed", String(button === tab));
    journey.centre();
    scrollTo(0, 0);
  });
}
byId("start-over").addEventListener("click", startOver);
byId("at-once").addEventListener("change", ({ target }) => own("/demo/signing", { at_once: target.checked }));
const chosen = document.querySelector('input[name="patient"]:checked');
await choose(chosen ? chosen.value : patient.ref);
watch();
