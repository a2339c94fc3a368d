// Requests and what is known of them: sends, remembers each with its answer, writes it as a line for a shell.

/** A request to the API with a token; `on` is told of it once it is answered. */
export class Calls {
  constructor(on) {
    this.on = on;
    this.tags = new Map();
    this.number = 0;
  }

  get(token, path) {
    return this.send({ method: "GET", path, token });
  }

  /** Like `get`, and asks only for what changed: gives what came before where nothing did. */
  async getIfChanged(token, path) {
    const known = this.tags.get(`${token} ${path}`);
    const call = await this.send({ method: "GET", path, token, tag: known?.tag });
    if (call.status === 304) return { ...call, body: known.body, same: true };
    if (call.ok && call.tag) this.tags.set(`${token} ${path}`, { tag: call.tag, body: call.body });
    return call;
  }

  post(token, path, body, label) {
    return this.send({ method: "POST", path, token, body, label });
  }

  /** A picture, as an address that the page may show. */
  async picture(token, path) {
    const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
    return answer.ok ? URL.createObjectURL(await answer.blob()) : "";
  }

  /** The very same request once more. */
  again(call) {
    return this.send({ ...call.request, repeats: call.id });
  }

  async send(request) {
    const headers = { Authorization: `Bearer ${request.token}` };
    if (request.body) headers["Content-Type"] = "application/json";
    if (request.tag) headers["If-None-Match"] = request.tag;
    const started = performance.now();
    const answer = await fetch(request.path, {
      method: request.method, headers, body: request.body && JSON.stringify(request.body), cache: "no-store",
    });
    const text = await answer.text();
    const call = {
      id: ++this.number, request, status: answer.status, ok: answer.ok, tag: answer.headers.get("ETag"),
      replay: answer.headers.get("Idempotent-Replay") === "true", text, body: text ? JSON.parse(text) : null,
      milliseconds: Math.round(performance.now() - started),
    };
    this.on(call);
    return call;
  }
}

/** The request as a line that can be pasted into a shell. */
export function asCurl({ method, path, token, body, tag }) {
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = ["curl", "--silent", "--show-error"];
  if (tag) parts.push("--include");
  parts.push("--header", quoted(`Authorization: Bearer ${token}`));
  if (tag) parts.push("--header", quoted(`If-None-Match: ${tag}`));
  if (body) parts.push("--json", quoted(JSON.stringify(body)));
  else if (method === "POST") parts.push("--request", "POST");
  parts.push(quoted(location.origin + path));
  return parts.join(" ");
}

/** The decision of an answer, in the very bytes in which it came. */
export function decisionOf(text) {
  const start = '{"decision":';
  const end = text.indexOf(',"now":');
  return text.startsWith(start) && end > 0 ? text.slice(start.length, end) : null;
}
