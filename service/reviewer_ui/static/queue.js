// The keys of the queue, the languages in line, and the mark that the end of a text was reached. Without this script
// every control still works.

const fields = "input:not([type=checkbox], [type=radio]), textarea, select";

// Where all languages have the same blocks beside each other, each block begins at one height in all of them.
const columns = [...document.querySelectorAll(".side-by-side > section")];
const blocks = columns.map((column) => [...column.querySelectorAll(".paragraph .number, .paragraph .words > *")]);

function align() {
  blocks.flat().forEach((block) => block.style.removeProperty("margin-top"));
  const areBeside = new Set(columns.map((column) => column.offsetTop)).size === 1;
  if (!areBeside || blocks.some((ofColumn) => ofColumn.length !== blocks[0].length)) {
    return;
  }
  for (const index of blocks[0].keys()) {
    const row = blocks.map((ofColumn) => ofColumn[index]);
    const tops = row.map((block) => block.getBoundingClientRect().top);
    const lowest = Math.max(...tops);
    row.forEach((block, column) => {
      const margin = parseFloat(getComputedStyle(block).marginTop);
      block.style.marginTop = `${margin + lowest - tops[column]}px`;
    });
  }
}

window.addEventListener("load", align);
window.addEventListener("resize", align);

// The box at the end is ticked once every part of the page was in the window: a jump to the end does not tick it.
const end = document.querySelector("[data-end]");
let seen = 0;

function see() {
  const top = window.scrollY;
  if (top <= seen) {
    seen = Math.max(seen, top + window.innerHeight);
  }
  if (top + end.getBoundingClientRect().bottom <= seen) {
    end.checked = true;
    document.removeEventListener("scroll", see);
  }
}

document.addEventListener("scroll", see, { passive: true });
window.addEventListener("load", see);

function open(details) {
  details.open = true;
  details.querySelector("textarea").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest(fields)) {
    return;
  }
  const control = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (control === null) {
    return;
  }
  event.preventDefault();
  if (control.matches("summary")) {
    open(control.parentElement);
  } else {
    control.click();
  }
});

// A link to the form of a comment opens it too; following the link would take the focus away again.
document.querySelector('[href^="#to-comment"]')?.addEventListener("click", (event) => {
  event.preventDefault();
  open(document.querySelector(event.currentTarget.hash));
});
