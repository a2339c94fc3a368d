// Chooses the time zone of the browser where none is chosen, and says so.
"use strict";
const select = document.getElementById("time-zone");
const hint = document.getElementById("time-zone-guess");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (select && select.value === "" && [...select.options].some((option) => option.value === zone)) {
  select.value = zone;
  hint.textContent = hint.dataset.guess;
}
