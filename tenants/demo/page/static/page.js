// Wires the page: a user is picked, buttons call the API, each call becomes a card of the log.

import { call } from "./api.js";
import { exchangeCard } from "./exchange.js";
import { hideQuota, showQuota } from "./quota.js";
import { showToken } from "./token.js";

const { api, otherApi, otherName, otherUser } = document.body.dataset;
const buttons = [...document.querySelectorAll("[data-call]")];
const exchanges = document.getElementById("exchanges");
const status = document.getElementById("status");
const clear = document.getElementById("clear");
const empty = document.getElementById("empty");
const wide = matchMedia("(min-width: 60rem)");

const MOST_CALLS = 40;

let user = "";
let tokens = {};

const CALLS = {
  reports: () => ({ url: `${api}/reports`, token: tokens.valid, caller: `as ${user}` }),
  forecast: () => ({ url: `${api}/forecast`, token: tokens.valid, caller: `as ${user}` }),
  missing: () => ({ url: `${api}/reports`, caller: "without a token" }),
  expired: () => ({ url: `${api}/reports`, token: tokens.expired, caller: `as ${user}, with an old token` }),
  foreign: () => ({ url: `${api}/reports`, token: tokens.foreign, caller: `as ${otherUser} of ${otherName}` }),
  elsewhere: () => ({ url: `${otherApi}/reports`, token: tokens.valid, caller: `as ${user}` }),
  burst: () => ({ url: `${api}/reports`, token: tokens.valid, caller: `as ${user}` }),
};

async function signIn(input) {
  setBusy(true);
  hideQuota();
  user = input.dataset.name;
  const response = await fetch("/tokens", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user: input.value }),
  }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (user !== input.dataset.name) return; // Somebody else was picked meanwhile.
  if (!response?.ok) {
    document.getElementById("token-line").textContent = answer?.error ?? "no token: is the demo still running?";
    return;
  }
  tokens = answer;
  const { roles } = showToken(tokens.valid, user);
  expectOfForecast(roles.includes("analyst"));
  setBusy(false);
}

function expectOfForecast(isAnalyst) {
  const expect = document.getElementById("forecast-expect");
  expect.textContent = isAnalyst ? "200" : "403";
  expect.className = isAnalyst ? "expect good" : "expect bad";
}

async function run(name) {
  const { url, token, caller } = CALLS[name]();
  setBusy(true);
  const statuses = [];
  let exchange;
  do {
    exchange = await call(url, token);
    if (name === "burst") statuses.push(exchange.status);
    showQuota(exchange);
  } while (name === "burst" && exchange.status === 200 && statuses.length < MOST_CALLS);
  add(exchangeCard(exchange, caller, statuses));
  const result = exchange.status || "blocked by the browser";
  status.textContent = `${exchange.method} ${exchange.url.pathname} ${caller}: ${result}`;
  setBusy(false);
}

function add(card) {
  // Only the newest is open, so that the log stays a list.
  exchanges.querySelector("details[open]")?.removeAttribute("open");
  exchanges.prepend(card);
  empty.hidden = true;
  clear.hidden = false;
  // On a small screen the log lies below the buttons.
  if (card.getBoundingClientRect().top > innerHeight - 120) card.scrollIntoView();
}

function setBusy(busy) {
  // Not `disabled`: that would take the focus from under the keyboard.
  for (const button of buttons) button.setAttribute("aria-disabled", busy);
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") run(button.dataset.call);
  });
}

for (const input of document.querySelectorAll("[name=user]")) {
  input.addEventListener("change", () => signIn(input));
}

clear.addEventListener("click", () => {
  exchanges.replaceChildren();
  empty.hidden = false;
  clear.hidden = true;
  document.getElementById("try").focus();
});

document.getElementById("token").open = wide.matches;
signIn(document.querySelector("[name=user]:checked"));
