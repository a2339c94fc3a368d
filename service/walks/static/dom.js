// Elements and words: small functions that every other part uses. No request, no state.

const RIGHT_TO_LEFT = new Set(["Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"]);

/** The direction in which a language is written, by its likely script. */
export const direction = (language) => (RIGHT_TO_LEFT.has(new Intl.Locale(language).maximize().script) ? "rtl" : "ltr");

/** An element with attributes, listeners (`onclick`) and children (texts, elements, lists; null is left out). */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "lang") element.dir = direction(value);
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value") element.value = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const drawn = new WeakMap();

/**
 * Draws children into an element when what they are drawn of is not what it was; what had the focus keeps it, by its
 * `data-key`.
 */
export function fill(element, data, children) {
  const key = JSON.stringify(data);
  if (drawn.get(element) === key) return false;
  drawn.set(element, key);
  const { activeElement } = element.getRootNode(); // of the document, or of a shadow tree
  const focused = element.contains(activeElement) ? activeElement.dataset.key : null;
  element.replaceChildren(...[children()].flat(3).filter((child) => child !== null && child !== false));
  if (focused) element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  return true;
}

export const byId = (id) => document.getElementById(id);

/** A day or an instant in words of a language; days are kept as days, whatever the zone of this machine. */
export function day(text, locale = "en") {
  const date = new Date(text.length === 10 ? `${text}T00:00:00Z` : text);
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(date);
}

/** The name of a language in itself: `español`. */
export function languageName(locale) {
  const name = new Intl.DisplayNames([locale], { type: "language" }).of(locale);
  return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
}
