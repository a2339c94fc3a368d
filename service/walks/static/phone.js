// The phone: what an app would draw of one answer, `view`, and of nothing else but the body of a piece that is opened.
import { day, direction, fill, h, languageName } from "./dom.js";
import { Questions } from "./questions.js";
import { topics } from "./topics.js";
import { Words } from "./words.js";

/**
 * The phone's screen. `does` has what a touch does: `mark(type, card)`, `open(card)` (gives the body's HTML),
 * `report(type)`, `speak(locale)`, `answer(question, facts)`, `askLater(question)`, `choose(topic)`, perhaps `say(text)`; what it asks for: `picture(url)`
 * (gives an address to show); and what it says: `moved()` (it shows something else now).
 * `texts` has the texts of its buttons and headings by language; English is always there.
 */
export class Phone {
  constructor(screen, does, texts) {
    this.screen = screen;
    this.does = does;
    this.texts = texts;
    this.opened = null;
    this.helped = new Set();
    this.pictures = new Map();
    this.questions = new Questions(this);
    this.wordsToTeam = new Words(this);
  }

  draw(view, locales) {
    this.view = view;
    this.locales = locales;
    if (this.opened && !this.opened.title && !view.cards.some((card) => card.key === this.opened.key)) this.opened = null;
    this.screen.lang = view.locale;
    this.screen.dir = direction(view.locale);
    const card = this.opened?.title ? this.opened : this.opened && view.cards.find((card) => card.key === this.opened.key);
    const data = card ? [view.locale, this.opened, card.title] : [view, locales, [...this.helped], this.questions.said];
    if (fill(this.screen, data, () => (card ? this.sheet(card) : this.home()))) this.does.moved();
  }

  /** The texts in the language of the view. */
  words() {
    return this.texts[this.view.locale.split("-")[0]] ?? this.texts.en;
  }

  redraw() {
    this.draw(this.view, this.locales);
  }

  close() {
    this.opened = null;
    this.questions.said = null;
  }

  home() {
    const { view } = this;
    const words = this.words();
    return [
      h("div", { class: "app-bar" }, h("span", { class: "app-title" }, view.title), this.languages(words)),
      this.where(words),
      view.next.length > 0 && h("section", { "aria-label": words.next },
        h("h3", { class: "app-heading" }, words.next), h("ol", { class: "next" }, view.next.map((event) => this.coming(event, words)))),
      h("section", { "aria-label": words.cards },
        h("h3", { class: "app-heading" }, words.cards),
        view.cards.length ? view.cards.map((card) => this.card(card, words)) : h("p", { class: "empty" }, words.none)),
      this.questions.section(view, words), // below what to read: a page on what to do now comes first
      this.questions.declined(view, words),
      topics(this, words),
      this.does.say && this.wordsToTeam.part(words),
      this.contacts(words),
    ];
  }

  languages(words) {
    return h("div", { class: "languages", role: "group", "aria-label": words.language },
      this.locales.map((locale) => h("button", {
        type: "button", lang: locale, "data-key": `speak-${locale}`, "aria-label": languageName(locale),
        "aria-pressed": String(locale === this.view.locale), onclick: () => this.does.speak(locale),
      }, locale.split("-")[0].toUpperCase())));
  }

  where(words) {
    if (this.view.ended) {
      return h("div", { class: "hero ended" }, h("p", { class: "hero-title" }, this.view.ended.title),
        h("p", { class: "since" }, day(this.view.ended.at, this.view.locale)));
    }
    const [first, ...others] = Object.values(this.view.where);
    if (!first) return null;
    const since = (place) => `${words.since} ${day(place.since, this.view.locale)}`;
    return h("div", { class: "hero" },
      h("p", { class: "hero-title" }, first.title), h("p", { class: "since" }, since(first)),
      others.length > 0 && h("ul", {}, others.map((place) => h("li", {}, place.title))));
  }

  card(card, words) {
    const mark = (type) => () => this.does.mark(type, card);
    return h("article", { class: card.seen ? "card" : "card fresh" },
      card.image && this.picture(card.image, card.version),
      h("h4", {}, card.title, !card.seen && h("span", { class: "pill" }, words.fresh)),
      h("p", {}, card.summary),
      card.why && h("p", { class: "because" }, card.why),
      card.reviewed && h("p", { class: "reviewed" }, `${words.reviewed} ${card.reviewed.by}, ${day(card.reviewed.on, this.view.locale)}`),
      card.action && this.action(card.action),
      h("div", { class: "touches" },
        h("button", { type: "button", class: "read", "data-key": `read-${card.key}`, "aria-label": `${words.read}: ${card.title}`, onclick: () => this.open(card) },
          card.seen ? words.again : words.read),
        h("button", { type: "button", "data-key": `helpful-${card.key}`, "aria-label": `${words.helpful}: ${card.title}`, onclick: () => { this.helped.add(card.key); mark("helpful")(); } },
          this.helped.has(card.key) ? words.thanks : words.helpful),
        h("button", { type: "button", "data-key": `hide-${card.key}`, "aria-label": `${words.hide}: ${card.title}`, onclick: mark("dismissed") }, words.hide)));
  }

  /** A picture, asked for with the patient's token, which an address alone does not carry. */
  picture({ url, alt }, version) {
    const key = `${url} ${version}`;
    if (!this.pictures.has(key)) this.pictures.set(key, this.does.picture(url));
    const picture = h("img", { alt });
    this.pictures.get(key).then((source) => { picture.src = source; });
    return picture;
  }

  action({ label, kind, target }) {
    if (kind === "report") return h("button", { type: "button", class: "action", "data-key": `do-${target}`, onclick: () => this.does.report(target) }, label);
    return h("a", { class: "action", href: kind === "call" ? `tel:${target.replaceAll(" ", "")}` : target, rel: "noreferrer", target: kind === "link" ? "_blank" : null }, label);
  }

  coming(event, words) {
    return h("li", { class: event.kind }, h("span", { class: "kind" }, words[event.kind] ?? ""), h("span", { class: "when" }, day(event.date, this.view.locale)),
      h("span", { class: "coming" }, event.title));
  }

  contacts(words) {
    const contacts = Object.entries(this.view.contacts ?? {});
    if (!contacts.length) return null;
    return h("section", { class: "contacts", "aria-label": words.contacts },
      h("h3", { class: "app-heading" }, words.contacts),
      contacts.map(([kind, contact]) => h("div", { class: `contact ${kind}` },
        h("div", {}, h("strong", {}, contact.title), contact.name && h("span", {}, contact.name), contact.hours && h("span", { class: "hours" }, contact.hours),
          contact.email && h("a", { href: `mailto:${contact.email}` }, contact.email)),
        contact.phone && h("a", { class: "dial", href: `tel:${contact.phone.replaceAll(" ", "")}`, "aria-label": `${words.call}: ${contact.title}, ${contact.phone}` }, contact.phone))));
  }

  async open(card, takesFocus = true) {
    this.show({ key: card.key, html: null }, takesFocus);
    const html = await this.does.open(card);
    if (this.opened?.key !== card.key) return;
    this.opened = { key: card.key, html: html ?? `<p>${this.words().failed}</p>` };
    this.redraw();
    if (!card.seen) this.does.mark("seen", card);
  }

  /** Shows a text: that of a card, or a message from the lock screen with its title, as HTML of the service or plain text. */
  show(opened, takesFocus = true) {
    this.opened = opened;
    this.redraw();
    this.screen.scrollTop = 0;
    if (takesFocus) this.screen.querySelector("h3").focus({ preventScroll: true });
  }

  sheet(card) {
    const words = this.words();
    const back = () => {
      this.opened = null;
      this.redraw();
      this.screen.getRootNode().querySelector(`.handset [data-key="${CSS.escape(card.from ?? `read-${card.key}`)}"]`)?.focus();
    };
    const text = h("div", { class: this.opened.text ? "text plain-text" : "text" }, this.opened.text);
    // The service gives the text with nothing in it that could run; the page's policy would not let it run either.
    if (!this.opened.text) text.innerHTML = this.opened.html ?? "";
    return [
      h("div", { class: "app-bar" }, h("button", { type: "button", class: "back", "data-key": "back", onclick: back }, `‹ ${words.back}`)),
      h("article", { class: "sheet" }, h("h3", { tabindex: "-1" }, card.title), this.opened.html === null ? h("p", { class: "empty" }, words.loading) : text),
    ];
  }
}
