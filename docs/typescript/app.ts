// A patient app for the terminal. Its types are those of the service's OpenAPI document: see docs/service.md.
//
// node build/app.js http://127.0.0.1:8000 TOKEN ENROLLMENT [TRIGGER [FACT=VALUE ...]]

import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type View = components["schemas"]["ViewOut"];
type Field = components["schemas"]["FieldOut"];
type Problem = components["schemas"]["Problem"];

declare const process: { argv: string[]; exitCode: number };

/** The value of a fact as the service takes it, from what a person typed. */
function factValue(field: Field, text: string): unknown {
  switch (field.type) {
    case "boolean":
      return text === "yes";
    case "integer":
      return Number.parseInt(text, 10);
    case "set":
      return text === "" ? [] : text.split(",");
    case "choice":
    case "date":
    case "text":
      return text;
  }
}

function* lines(view: View): Generator<string> {
  for (const state of Object.values(view.where)) {
    yield `${state.title} (since ${state.since.slice(0, 10)})`;
  }
  for (const coming of view.next) {
    yield `  -> ${coming.date.slice(0, 10)}  ${coming.title}`;
  }
  for (const card of view.cards) {
    yield `\n[${card.seen ? "x" : " "}] ${card.title}\n    ${card.summary}\n    (${card.why})`;
    if (card.action !== null) {
      yield `    <${card.action.label}>`;
    }
  }
  for (const question of view.questions) {
    yield `\n? ${question.question}\n    ${question.why ?? ""}`;
  }
  yield "\nYou can tell us:";
  for (const reportable of view.can_report) {
    yield `  ${reportable.type}: ${reportable.label}`;
    for (const field of reportable.fields) {
      const choices = field.choices.map((choice) => `${choice.value} (${choice.label})`).join(" | ");
      yield `      ${field.name}=  ${field.label} ${choices || field.type}`;
    }
  }
  for (const contact of Object.values(view.contacts)) {
    yield `${contact.title}: ${contact.phone ?? ""}`;
  }
}

function failed(problem: Problem): Error {
  return new Error(`${problem.title}: ${problem.detail ?? ""} ${JSON.stringify(problem.errors ?? {})}`);
}

async function main(address: string, token: string, enrollment: string, type?: string, ...told: string[]): Promise<View> {
  const service = createClient<paths>({ baseUrl: address, headers: { Authorization: `Bearer ${token}` } });
  const params = { path: { enrollment } };

  const screen = await service.GET("/v1/enrollments/{enrollment}/view", { params });
  if (screen.error !== undefined) throw failed(screen.error);
  if (type === undefined) return screen.data;

  const fields = screen.data.can_report.find((reportable) => reportable.type === type)?.fields ?? [];
  const facts: Record<string, unknown> = {};
  for (const text of told) {
    const [name = "", value = ""] = text.split("=", 2);
    const field = fields.find((each) => each.name === name);
    facts[name] = field === undefined ? value : factValue(field, value);
  }
  const report = await service.POST("/v1/enrollments/{enrollment}/events", {
    params: { ...params, query: { include: "view" } },
    body: { id: crypto.randomUUID(), type, occurred_at: new Date().toISOString(), facts },
  });
  if (report.error !== undefined) throw failed(report.error);
  return report.data.view ?? screen.data;
}

const [address = "", token = "", enrollment = "", type, ...told] = process.argv.slice(2);
try {
  for (const line of lines(await main(address, token, enrollment, type, ...told))) console.log(line);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
