// The wire: every request with its answer and a line to paste, the care team's tasks, messages, and why. Draws only.
import { asCurl, decisionOf } from "./calls.js";
import { byId, day, fill, h } from "/demo/walks/dom.js";

const KEPT = 30;

/** The wire's column. `does` has what a touch does: `again(call)`, `close(task)`. */
export class Wire {
  constructor(does) {
    this.does = does;
    this.groups = [];
  }

  /** From now on, requests belong to what somebody did. */
  begin(label) {
    for (const { element } of this.groups) for (const open of element?.querySelectorAll("details[open]") ?? []) open.open = false;
    this.groups.unshift({ label, calls: [], element: null });
    this.groups.length = Math.min(this.groups.length, KEPT);
  }

  add(call) {
    if (!this.groups.length) this.begin("This page was opened");
    const group = this.groups[0];
    group.calls.push(call);
    const fresh = this.group(group);
    if (group.element) group.element.replaceWith(fresh);
    else byId("requests").prepend(fresh);
    group.element = fresh;
    while (byId("requests").children.length > KEPT) byId("requests").lastElementChild.remove();
  }

  clear() {
    this.groups = [];
    byId("requests").replaceChildren();
    byId("again").replaceChildren();
  }

  group(group) {
    const reads = group.calls.filter((call) => call.request.method === "GET");
    const writes = group.calls.filter((call) => call.request.method !== "GET");
    const was = group.element?.querySelector(":scope > details.reads")?.open ?? false;
    return h("li", {}, h("p", { class: "did" }, group.label),
      writes.map((call) => this.call(call, true)),
      reads.length > 0 && h("details", { class: "reads", open: was }, h("summary", {}, `${reads.length} ${reads.length === 1 ? "read" : "reads"} of the page`), reads.map((call) => this.call(call, false))));
  }

  call(call, isOpen) {
    const { method, path } = call.request;
    const line = asCurl(call.request);
    const copied = h("span", { class: "copied", role: "status" });
    const isEvent = /\/events$/.test(path.split("?")[0]) && call.ok;
    return h("details", { class: `call ${method.toLowerCase()}`, open: isOpen, "data-call": call.id },
      h("summary", {}, h("span", { class: "method" }, method), h("span", { class: "path" }, shortened(path)),
        h("span", { class: call.ok || call.status === 304 ? "status" : "status wrong" }, String(call.status)), h("span", { class: "took" }, `${call.milliseconds} ms`)),
      h("pre", { class: "line", tabindex: "0", "aria-label": "The request as a line to paste" }, h("code", {}, line)),
      h("div", { class: "buttons" },
        h("button", { type: "button", class: "small", "data-key": `copy-${call.id}`, onclick: () => copy(line, copied) }, "Copy the line"),
        isEvent && h("button", { type: "button", class: "small again", "data-key": `again-${call.id}`, onclick: () => this.does.again(call) }, "Same line again"), copied),
      h("pre", { class: "answer", tabindex: "0", "aria-label": "The answer" }, call.status === 304 ? "304: nothing changed since it was last read." : JSON.stringify(call.body, null, 1)));
  }

  /** Says what became of the same line sent again. */
  sayAgain(first, second) {
    const [before, after] = [decisionOf(first.text), decisionOf(second.text)];
    const same = before !== null && before === after;
    byId("again").replaceChildren(h("p", { class: same ? "good" : "problem" }, same
      ? `Same id, same decision: ${new TextEncoder().encode(after).length} identical bytes. Nothing was applied twice${second.replay ? " (Idempotent-Replay: true)" : ""}.`
      : "The decision differs."));
  }

  drawTasks(tasks, now, about) {
    byId("tasks-count").textContent = tasks.length ? String(tasks.length) : "";
    fill(byId("tasks"), [tasks, now.slice(0, 10)], () => (tasks.length ? tasks.map((task) => h("li", { class: task.kind },
      h("div", {}, h("strong", {}, task.title), h("span", { class: "about" }, about(task)), h("span", { class: "by" }, `${task.assignee.replaceAll("_", " ")}${task.due ? `, by ${day(task.due)}` : ""}`),
        task.due && task.due < now && h("span", { class: "late" }, "late")),
      h("button", { type: "button", class: "small", "data-key": `close-${task.id}`, "aria-label": `Close: ${task.title}`, onclick: () => this.does.close(task) }, "Close")))
      : h("li", { class: "empty" }, "None open.")));
  }

  /** The messages, the newest first, each with why it left, waits or did not leave. */
  drawMessages(messages, titles) {
    byId("messages-count").textContent = messages.length ? String(messages.length) : "";
    fill(byId("messages"), [messages, [...titles]], () => (messages.length ? messages.toReversed().map((message) => h("li", { class: message.status },
      h("strong", {}, titles.get(message.piece) ?? message.piece.replaceAll("-", " ")), h("span", { class: "by" }, message.why)))
      : h("li", { class: "empty" }, "None so far.")));
  }

  drawWhy(explanation, title) {
    fill(byId("why"), explanation, () => {
      const last = [...explanation.steps].reverse().find((step) => step.transitions.length || step.outcome === "waiting");
      return [
        last && h("div", { class: "because-of" },
          h("p", {}, h("strong", {}, last.title ?? "Time passed"), `, ${day(last.at)}: `,
            last.transitions.length ? last.transitions.map((move) => `${move.from ? title(move.track, move.from) : "joined"} → ${move.to ? title(move.track, move.to) : "ended"}`).join("; ") : `waits for ${last.waiting_for.join(", ")}`),
          last.asked.length > 0 && h("ul", { class: "asked" }, last.asked.map((condition) => h("li", {}, h("span", { class: `truth ${condition.truth}` }, condition.truth === null ? "unknown" : String(condition.truth)), h("code", {}, condition.when))))),
        h("details", {}, h("summary", {}, "Why each text is shown, or not"), h("ul", { class: "reasons" }, explanation.content.map((piece) => h("li", { class: piece.shown ? "shown" : "not-shown" },
          h("span", { class: "truth" }, piece.shown ? "shown" : "not"), h("span", {}, h("code", {}, piece.key), " ", piece.why))))),
      ];
    });
  }
}

function shortened(path) {
  return path.replace(/[0-9a-f]{32}/g, (id) => `…${id.slice(-4)}`).replace(/[0-9a-f]{20}/g, (id) => `…${id.slice(-4)}`);
}

async function copy(line, said) {
  try {
    await navigator.clipboard.writeText(line);
    said.textContent = "Copied";
  } catch {
    said.textContent = "Select it and copy";
  }
}
