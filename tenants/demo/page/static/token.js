// The decoded view of the token in use.

import { decode } from "./api.js";
import { countDown } from "./countdown.js";
import { el, facts } from "./dom.js";

const TIMES = new Set(["iat", "exp", "nbf", "auth_time"]);
const MEANS = {
  alg: "the algorithm of the key",
  kid: "which of the tenant’s keys",
  typ: "an access token, RFC 9068",
  iss: "who signed it",
  aud: "where it is good",
  sub: "who calls",
  client_id: "by which client",
  iat: "signed",
  exp: "ends",
  auth_time: "signed in",
  jti: "its own number",
  roles: "what the user is",
  tenant: "whose user",
};

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

function row([name, value]) {
  const shown = TIMES.has(name)
    ? [`${value} `, el("span", "means", clock.format(value * 1000))]
    : [Array.isArray(value) ? value.join(", ") : String(value)];
  return [name, el("span", "value", ...shown), el("span", "means", MEANS[name] ?? "")];
}

export function showToken(token, user) {
  const { header, claims } = decode(token);
  document.getElementById("token-header").replaceChildren(...facts(Object.entries(header).map(row)));
  document.getElementById("token-claims").replaceChildren(...facts(Object.entries(claims).map(row)));
  const line = document.getElementById("token-line");
  const left = claims.exp - Date.now() / 1000;
  const minutes = (seconds) => `${user} · ${header.alg} · ends in ${Math.ceil(seconds / 60)} min`;
  countDown(line, left, minutes, `${user} · ${header.alg} · has ended`);
  return claims;
}
