// The gauge: how the caller's limit stands, as the RateLimit headers of the last answer tell it.

import { readFields } from "./api.js";
import { countDown, stop } from "./countdown.js";
import { el } from "./dom.js";

const gauge = document.getElementById("quota");
const name = document.getElementById("quota-name");
const wait = document.getElementById("quota-wait");
const pips = document.getElementById("quota-pips");

export function showQuota(exchange) {
  const [policy] = readFields(exchange.header?.("RateLimit-Policy"));
  const [standing] = readFields(exchange.header?.("RateLimit"));
  if (!policy || !standing) return;
  gauge.hidden = false;
  gauge.classList.toggle("used-up", standing.r === 0);
  name.textContent = `${standing.name}: ${standing.r} of ${policy.q} calls left`;
  const lit = (index) => (index < standing.r ? "pip lit" : "pip");
  pips.replaceChildren(...Array.from({ length: policy.q }, (_, index) => el("span", lit(index))));
  pips.setAttribute("aria-valuemax", policy.q);
  pips.setAttribute("aria-valuenow", standing.r);
  countDown(wait, standing.t, (left) => `more in ${left} s`, "there is more now");
}

export function hideQuota() {
  gauge.hidden = true;
  stop(wait);
}
