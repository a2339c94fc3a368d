// Topics on the phone: what the patient reads about, what they declined, and what comes only if they ask.
import { h } from "./dom.js";

/** The topics that the patient may ask for or decline now. */
export function topics(phone, words) {
  const list = phone.view.topics;
  if (!list.length) return null;
  return h("section", { class: "topics", "aria-label": words.topics },
    h("h3", { class: "app-heading" }, words.topics),
    h("ul", {}, list.map((topic) => row(phone, topic, words))));
}

function row(phone, topic, words) {
  const id = `topic-${topic.key}`;
  const state = topic.shown ? words.topic_shown : topic.on_request ? words.topic_on_request : words.topic_hidden;
  return h("li", {},
    h("strong", { id }, topic.title),
    h("p", {}, state),
    h("button", { type: "button", "data-key": `choose-${topic.key}`, "aria-describedby": id, onclick: () => phone.does.choose(topic) }, words[topic.report]));
}
