// The lock screen above the app: what arrived in the last days, as a banner or as a line of the inbox. Draws only.
import { direction, fill, h } from "./dom.js";

const DAYS = 7 * 24 * 60 * 60 * 1000;
const MOST = 3;

/** The lock screen of the phone. `open(message)` is called when somebody touches a message. */
export class LockScreen {
  constructor(element, open, texts) {
    this.element = element;
    this.open = open;
    this.texts = texts;
  }

  /** Draws the newest messages of the last days, by the patient's clock: `zone` is its IANA name. */
  draw(messages, { locale, zone, now }) {
    const recent = messages.filter((message) => Date.parse(message.at) > Date.parse(now) - DAYS);
    const mails = recent.filter((message) => message.channel === "email").slice(0, MOST);
    const banners = recent.filter((message) => message.channel !== "email").slice(0, MOST);
    this.element.hidden = !recent.length;
    this.element.lang = locale;
    this.element.dir = direction(locale);
    const words = this.texts[locale.split("-")[0]] ?? this.texts.en;
    this.element.setAttribute("aria-label", words.lock);
    fill(this.element, [mails, banners, locale, zone], () => [
      banners.map((message) => this.line("banner", words[message.channel], message.text, message, { locale, zone })),
      mails.length > 0 && h("p", { class: "inbox-title" }, words.inbox),
      mails.map((message) => this.line("mail", words.push, message.subject, message, { locale, zone })),
    ]);
  }

  line(kind, from, text, message, { locale, zone }) {
    const time = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit", timeZone: zone });
    return h("button", { type: "button", class: kind, "data-key": `message-${message.id}`, onclick: () => this.open(message) },
      h("span", { class: "from" }, h("strong", {}, from), h("time", { datetime: message.at }, time.format(new Date(message.at)))),
      h("span", { class: "words", lang: message.locale }, text));
  }
}
