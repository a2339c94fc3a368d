// Questions on the phone: each with its reason and the form of its answer, and what the last answer changed.
import { day, h } from "./dom.js";
import { row, showProblem, valuesOf } from "./forms.js";

/** The questions of a phone. `said` is what the last answer led to: `{changed}`, `{declined: true}` or `{later: true}`. */
export class Questions {
  constructor(phone) {
    this.phone = phone;
    this.said = null;
    this.cards = new Map();
  }

  /** The questions to ask now, below what the last answer led to. */
  section(view, words) {
    if (!view.questions.length && !this.said) return null;
    return h("section", { "aria-label": words.questions },
      h("h3", { class: "app-heading" }, words.questions),
      this.said && this.thanks(words),
      view.questions.map((question) => this.kept(question, () => this.card(question, words))));
  }

  /** The questions that the patient would rather not answer, and may still. */
  declined(view, words) {
    if (!view.declined.length) return null;
    return h("section", { "aria-label": words.declined },
      h("h3", { class: "app-heading" }, words.declined),
      view.declined.map((question) => this.kept(question, () => h("details", { class: "declined" },
        h("summary", { "data-key": `open-${question.key}` }, question.question), this.card(question, words)))));
  }

  /** What was made for a question, the same element while it is asked, so that a half-written answer is not lost. */
  kept(question, make) {
    const key = JSON.stringify([this.phone.view.locale, question]);
    if (!this.cards.has(key)) this.cards.set(key, make());
    return this.cards.get(key);
  }

  /** One question with its form. */
  card(question, words) {
    const { fields, offers } = question;
    const id = `question-${question.key}`;
    const asked = { by: fields.length === 1 ? id : null, words: { ...words, lang: null } };
    const form = h("form", { novalidate: true },
      fields.map((field) => row(field, { asked })),
      h("p", { class: "problem", role: "alert", "data-problem-of-form": true }),
      h("div", { class: "touches" },
        h("button", { type: "submit", class: "read", "data-key": `answer-${question.key}`, "aria-describedby": id }, words.answer),
        offers.includes("decline") && h("button", { type: "button", "data-key": `decline-${question.key}`, "aria-describedby": id, onclick: () => this.decline(form, question) }, words.decline),
        offers.includes("later") && h("button", { type: "button", "data-key": `later-${question.key}`, "aria-describedby": id, onclick: () => this.later(form, question) }, words.later)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const facts = valuesOf(form, fields);
      if (Object.keys(facts).length) this.send(form, this.phone.does.answer(question, facts), ({ decision }) => ({ changed: decision?.changed ?? null }));
      else showProblem(form, { title: words.missing });
    });
    return h("article", { class: "question" },
      h("h4", { id }, question.question),
      question.why && h("p", { class: "because" }, question.why),
      question.help && h("p", { class: "help" }, question.help),
      question.sensitive && h("p", { class: "help" }, words.sensitive),
      question.survey && [question.survey.purpose, question.survey.thanks].map((text) => h("p", { class: "help" }, text)),
      form);
  }

  decline(form, question) {
    const facts = Object.fromEntries(question.fields.map((field) => [field.name, { declined: true }]));
    return this.send(form, this.phone.does.answer(question, facts), () => ({ declined: true }));
  }

  later(form, question) {
    return this.send(form, this.phone.does.askLater(question), () => ({ later: true }));
  }

  /** Waits for an answer to be taken, and says what it led to; a problem is shown at the form. */
  async send(form, sending, said) {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    const { ok, body } = await sending;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
    if (!ok) return showProblem(form, body);
    if (!this.phone.screen.isConnected) return null; // the page was replaced by that of the next step
    for (const [key, card] of this.cards) if (card.contains(form)) this.cards.delete(key);
    this.said = said(body);
    this.phone.redraw();
    this.phone.screen.querySelector(".said")?.focus();
    return null;
  }

  /** What the last answer led to, for a reader's eyes and for a screen reader. */
  thanks(words) {
    const lines = this.said.changed ? [...this.changes(this.said.changed, words)] : [];
    const text = this.said.declined ? words.not_again : this.said.later ? words.asked_later : lines.length ? words.because : words.unchanged;
    return h("div", { class: "said", role: "status", tabindex: "-1", "data-key": "said" },
      h("p", {}, h("strong", {}, text)),
      lines.length > 0 && h("ul", {}, lines.map((line) => h("li", {}, line))));
  }

  * changes({ cards, dates, thanks = [] }, words) {
    for (const { text, value } of thanks) yield value ? `${text} ${value}` : text;
    const { locale } = this.phone.view;
    const when = (date) => `${date.title} (${day(date.date, locale)})`;
    for (const [label, items] of [
      [words.came, cards.came.map((card) => card.title)],
      [words.rewritten, cards.rewritten.map((card) => card.title)],
      [words.went, cards.went.map((card) => card.title)],
      [words.date_came, dates.came.map(when)],
      [words.date_moved, dates.moved.map((date) => `${date.title} (${day(date.from, locale)} → ${day(date.to, locale)})`)],
      [words.date_went, dates.went.map(when)],
    ]) {
      for (const item of items) yield `${label}: ${item}`;
    }
  }
}
