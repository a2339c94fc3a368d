// What the patient writes to the care team: a field, and by when a person reads it. Nothing else answers.
import { day, h } from "./dom.js";
import { showProblem } from "./forms.js";

/** The part of a phone in which its patient writes; the same element in a language, so that half a sentence is not lost. */
export class Words {
  constructor(phone) {
    this.phone = phone;
    this.parts = new Map();
  }

  part(words) {
    const { locale, enrollment } = this.phone.view;
    const key = JSON.stringify([locale, enrollment]);
    if (!this.parts.has(key)) this.parts.set(key, this.made(words));
    return this.parts.get(key);
  }

  made(words) {
    const text = h("textarea", { id: "words", rows: "4", maxlength: "4000", "data-key": "words" });
    const taken = h("p", { class: "taken", role: "status" });
    const form = h("form", { novalidate: true },
      h("label", { for: "words" }, words.your_words), text,
      h("p", { class: "problem", role: "alert", "data-problem-of-form": true }),
      h("div", { class: "touches" }, h("button", { type: "submit", class: "read", "data-key": "say" }, words.send)),
      taken);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      taken.textContent = "";
      if (!text.value.trim()) return showProblem(form, { title: words.write_first });
      const { ok, body } = await this.phone.does.say(text.value);
      if (!ok) return showProblem(form, body);
      text.value = "";
      taken.textContent = `${words.read_by} ${day(body.read_by, this.phone.view.locale)}.`;
      return null;
    });
    return h("details", { class: "words" }, h("summary", { "data-key": "open-words" }, words.write), form);
  }
}
