// The keys of the queue, and the mark that the end of a text was reached. Without this script every control still works.

const fields = "input:not([type=checkbox], [type=radio]), textarea, select";

const end = document.querySelector("[data-end]");
const observer = new IntersectionObserver(
  (entries) => {
    if (entries.some((entry) => entry.isIntersecting)) {
      end.checked = true;
      observer.disconnect();
    }
  },
  { rootMargin: `0px 0px -${document.querySelector(".verdict-bar").offsetHeight}px 0px` },
);
observer.observe(end);

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
