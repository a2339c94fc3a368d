// Forms made of the fields of a report: draws one in a dialog and gives what was filled in. Sends nothing itself.
import { h } from "./dom.js";

const MANY = 6;
const FIRST = 3;
const WORDS = { yes: "Yes", no: "No", choose: "Choose", decline: "I'd rather not say", lang: "en" };

/**
 * Asks for a report in a dialog. `send({facts, happened, told})` sends it and gives the answer; where that is a problem
 * its words are shown at the fields and the dialog stays. `happened` is a day, or null for now; it is not asked where
 * `isDated` is false. `verb` is the word on the button.
 */
export function ask(dialog, report, { who, lang, today, send, mayDecline, maySayTold, verb = "Report", isDated = true }) {
  const groups = new Map();
  for (const field of [...report.fields].sort((field, other) => Number(other.required) - Number(field.required))) {
    const name = field.group ?? field.name;
    groups.set(name, [...(groups.get(name) ?? []), field]);
  }
  const questions = [...groups.values()].map((fields) => (fields.length > 1
    ? h("fieldset", { class: "group" }, h("legend", { lang: "en" }, "Reported together"), fields.map((field) => row(field, { mayDecline })))
    : row(fields[0], { mayDecline })));
  const first = questions.length > MANY ? FIRST : questions.length;
  const happened = h("input", { type: "date", id: "happened", name: "happened", value: today, max: today, min: "1900-01-01", required: true });
  const told = maySayTold && h("input", { type: "checkbox", name: "told" });
  const form = h("form", { method: "dialog", novalidate: true },
    h("p", { class: "who" }, who),
    h("h2", { id: "form-title", lang }, report.label),
    h("div", { lang }, questions.slice(0, first)),
    questions.length > first && h("details", { class: "others" }, h("summary", {}, `${questions.length - first} more questions, all optional`), h("div", { lang }, questions.slice(first))),
    isDated && h("div", { class: "row" }, h("label", { for: "happened" }, "Happened on"), happened,
      h("p", { class: "hint" }, "Today by default; with an earlier day the report is late."),
      h("p", { class: "problem", "data-problem": "occurred_at" })),
    told && h("label", { class: "check" }, told, "The patient has been told"),
    h("p", { class: "problem", role: "alert", "data-problem-of-form": true }),
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "plain", onclick: () => dialog.close() }, "Cancel"),
      h("button", { type: "submit", class: "main" }, verb)));
  follow(form, happened);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.querySelector(".main").disabled = true;
    const call = await send({
      facts: valuesOf(form, report.fields), happened: happened.value === today ? null : happened.value, told: told && told.checked,
    });
    form.querySelector(".main").disabled = false;
    if (call.ok) dialog.close();
    else showProblem(form, call.body);
  });
  dialog.replaceChildren(form);
  dialog.showModal();
  (form.querySelector(".row select, .row input") ?? happened).focus();
}

/** Days that must be told follow the day on which it happened, until somebody sets them. */
function follow(form, happened) {
  const days = [...form.querySelectorAll('input[type="date"][data-fact][aria-required="true"]')];
  for (const input of days) {
    input.value = happened.value;
    input.addEventListener("input", () => { input.dataset.touched = "yes"; });
  }
  happened.addEventListener("input", () => {
    for (const input of days) if (!input.dataset.touched) input.value = happened.value;
  });
}

/**
 * The control of a fact with its label. `asked` are the id of a question that is its label and the words of the phone;
 * without it the label is that of the fact, and English words say that it is optional.
 */
export function row(field, { mayDecline = false, asked = null } = {}) {
  const words = asked?.words ?? WORDS;
  const id = `${asked ? "ask" : "fact"}-${field.name}`;
  const problem = h("p", { class: "problem", id: `${id}-problem`, "data-problem": `facts.${field.name}` });
  if (field.type === "set" || field.type === "boolean") {
    const choices = options(field, id, words, mayDecline);
    if (asked?.by) return h("div", { class: "row", role: "group", "aria-labelledby": asked.by }, choices, problem);
    return h("fieldset", { class: "row" }, h("legend", {}, field.label, !asked && optional(field)), choices, problem);
  }
  const label = !asked?.by && h("label", { for: id }, field.label, !asked && optional(field));
  return h("div", { class: "row" }, label, control(field, id, words, { mayDecline, by: asked?.by }), problem);
}

const optional = (field) => !field.required && h("span", { class: "optional", lang: "en" }, " optional");

function options(field, id, words, mayDecline) {
  const { lang } = words;
  const choices = field.type === "set" ? field.choices : [{ value: "true", label: words.yes, lang }, { value: "false", label: words.no, lang }];
  const shown = field.type === "boolean" && mayDecline ? [...choices, { value: "declined", label: words.decline, lang }] : choices;
  return shown.map((choice) => h("label", { class: "check", lang: choice.lang },
    h("input", { type: field.type === "set" ? "checkbox" : "radio", name: field.name, value: choice.value, "data-fact": field.name, "data-key": `${id}-${choice.value}` }), choice.label));
}

function control(field, id, words, { mayDecline, by }) {
  const common = { id, name: field.name, "data-fact": field.name, "data-key": id, "aria-labelledby": by, "aria-describedby": `${id}-problem`, "aria-required": String(Boolean(field.required)) };
  switch (field.type) {
    case "choice":
      return h("select", common, h("option", { value: "", lang: words.lang }, words.choose),
        field.choices.map((choice) => h("option", { value: choice.value }, "\u2003".repeat(depth(field.choices, choice)) + choice.label)),
        mayDecline && h("option", { value: "declined", lang: words.lang }, words.decline));
    case "integer":
      return h("input", { ...common, type: "number", min: field.min, max: field.max, step: 1 });
    case "date":
      return h("input", { ...common, type: "date" });
    default:
      return h("input", { ...common, type: "text", maxlength: field.max_length });
  }
}

function depth(choices, choice) {
  const around = choices.find((other) => other.value === choice.within);
  return around ? 1 + depth(choices, around) : 0;
}

/** The facts that were filled in, in their types. */
export function valuesOf(form, fields) {
  const facts = {};
  for (const { name, type } of fields) {
    const inputs = [...form.querySelectorAll(`[data-fact="${CSS.escape(name)}"]`)];
    if (type === "set") {
      const checked = inputs.filter((input) => input.checked).map((input) => input.value);
      if (checked.length) facts[name] = checked;
      continue;
    }
    const value = type === "boolean" ? inputs.find((input) => input.checked)?.value : inputs[0].value.trim();
    if (!value) continue;
    if (value === "declined" && type !== "text") facts[name] = { declined: true };
    else if (type === "boolean") facts[name] = value === "true";
    else if (type === "integer") facts[name] = Number(value);
    else facts[name] = value;
  }
  return facts;
}

/** Shows at each field what is wrong with it, and the rest below. */
export function showProblem(form, problem) {
  const rest = [];
  for (const place of form.querySelectorAll("[data-problem]")) place.textContent = "";
  for (const [name, texts] of Object.entries(problem.errors ?? {})) {
    const place = form.querySelector(`[data-problem="${CSS.escape(name)}"]`);
    if (place) place.textContent = texts.join(" ");
    else rest.push(`${name}: ${texts.join(" ")}`);
  }
  form.querySelector("[data-problem-of-form]").textContent = [problem.detail ?? problem.title, ...rest].join(" ");
}
