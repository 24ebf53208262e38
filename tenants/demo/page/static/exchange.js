// One card of the log: what was sent, what came back, and what it means.

import { countDown } from "./countdown.js";
import { el, facts, json } from "./dom.js";

const page = document.body.dataset;

const MEANINGS = {
  missing_token: "No token, no answer. The stack refused before the view ran, and the CORS headers let this page read why.",
  token_expired: "The signature holds, but the token’s time is over. A frontend would now refresh it, or ask to sign in.",
  invalid_token: `${page.tenantName}’s keys did not sign this token, so it is nobody’s here, however valid it is at ${page.otherName}.`,
  insufficient_role: "The token is good, so the API knows who calls. The role that this view asks for is missing.",
  insufficient_permission: "The token is good, so the API knows who calls. The permission that this view asks for is missing.",
  rate_limited: "The limit is reached. The refusal itself spent nothing, and it says how long to wait.",
  tenant_suspended: `${page.tenantName} is suspended: all its callers are refused.`,
};

function meaning(exchange) {
  if (exchange.status === 0) {
    return exchange.url.origin === page.api
      ? "The API did not answer. Is the demo still running?"
      : `The browser asked first, in a preflight, and ${page.otherName} does not allow ${location.origin}. So the call was never made, and the token never left this page.`;
  }
  if (exchange.status < 300) return "Tenant, key, signature, time and role all hold: the view answered.";
  return MEANINGS[exchange.body?.code] ?? "";
}

function tone(status) {
  if (status === 0) return "none";
  if (status < 300) return "good";
  return status === 429 ? "warn" : "bad";
}

function chip(status) {
  return el("span", `chip ${tone(status)}`, status === 0 ? "blocked" : String(status));
}

function request(exchange) {
  const { method, url, token, status } = exchange;
  const lines = [`${method} ${url.pathname} HTTP/1.1`, `Host: ${url.host}`, `Origin: ${location.origin}`];
  if (token) lines.push(`Authorization: Bearer ${token.slice(0, 12)}…${token.slice(-6)}`);
  const sent = el("pre", "wire", lines.join("\n"));
  if (status === 0) return part("The request, which was not made", sent);
  if (!token) return part("Request", sent);
  // A header beyond the simple ones: the browser asks for leave, and keeps it for a while.
  const aside = "First the browser asks with OPTIONS, unless it remembers: no token is sent, no quota spent.";
  return part("Request", sent, el("p", "aside", aside));
}

function part(title, ...content) {
  return el("div", "part", el("h4", "", title), ...content);
}

function answer(exchange) {
  if (exchange.status === 0) return [];
  const headers = el("dl", "facts headers", ...facts(exchange.headers));
  const body = typeof exchange.body === "string" ? [exchange.body] : json(exchange.body);
  return [
    part("Headers that the page may read", headers),
    part("Body", el("pre", "wire", ...body)),
  ];
}

function waiting(exchange) {
  const seconds = Number(exchange.header?.("Retry-After"));
  if (!seconds) return [];
  const line = el("p", "retry");
  countDown(line, seconds, (left) => `Retry-After: try again in ${left} s`, "You can call again now.");
  return [line];
}

// `statuses` are those of a burst, in order; a single call has none.
export function exchangeCard(exchange, caller, statuses = []) {
  const { method, url, status, ms, at } = exchange;
  const times = statuses.length ? `${statuses.length} × ` : "";
  const summary = el(
    "summary", "",
    chip(status),
    el("span", "line", `${times}${method} `, el("b", "", url.pathname), el("span", "at", ` ${url.host}`)),
    el("span", "caller", caller),
    el("time", "ms", `${Math.round(ms)} ms · ${at.toLocaleTimeString()}`),
  );
  const strip = el("div", "strip", ...statuses.map(chip));
  const details = el(
    "details", `card exchange ${tone(status)}`,
    summary,
    el("p", "meaning", meaning(exchange)),
    ...(statuses.length ? [strip] : []),
    ...waiting(exchange),
    el("div", "parts", request(exchange), ...answer(exchange)),
  );
  details.open = true;
  return el("li", "", details);
}
