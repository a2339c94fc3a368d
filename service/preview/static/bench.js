// Asks twice a second whether the files were read anew, and puts the new page in the place of the old one.
"use strict";

const said = document.getElementById("said");

async function look() {
  try {
    const page = document.getElementById("page");
    const pulse = await (await fetch("/pulse")).json();
    if (String(pulse.number) !== page.dataset.number) await renew(page);
    else if (said.textContent.startsWith("The preview")) said.textContent = "";
  } catch {
    said.textContent = "The preview has stopped; start it again with journeys preview.";
  }
  setTimeout(look, 500);
}

/** The fields of a page in which something may have been typed. */
const fieldsOf = (page) => [...page.querySelectorAll("form[data-record] input:not([type=hidden])")];

/** Whether a form is being filled in: then nothing is replaced. */
const isFilledIn = (page) => Boolean(page.querySelector("[data-dialog]")?.shadowRoot?.querySelector("dialog[open]"));

async function renew(page) {
  if (isFilledIn(page)) return;
  const { href } = location;
  const answer = await fetch(href);
  const read = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = read.getElementById("page");
  if (next === null || location.href !== href) return; // what was shown last stays: of a page that is gone, or of a newer step
  if (isFilledIn(page)) return; // opened while the answer was awaited
  const open = [...page.querySelectorAll("details[open]")].map((details) => details.id);
  for (const id of open) next.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  const typed = fieldsOf(page).map((field) => field.value);
  fieldsOf(next).forEach((field, index) => { field.value = typed[index] ?? field.value; });
  const focused = document.activeElement?.getAttribute("href");
  const field = fieldsOf(page).indexOf(document.activeElement);
  page.replaceWith(next);
  if (field >= 0) fieldsOf(next)[field]?.focus();
  document.getElementById("count").textContent = read.getElementById("count").textContent;
  document.dispatchEvent(new Event("page-renewed")); // its diagram moves again
  document.title = read.title;
  if (focused) [...next.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
  said.textContent = `Updated at ${new Date().toLocaleTimeString()}.`;
}

setTimeout(look, 500);
