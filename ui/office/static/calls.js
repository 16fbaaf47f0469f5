// Keeps the visitors' calls on the page: asks the office every other second, and says so when no call can come any more.
// What somebody types, and where, is left alone: a call that stays is not touched, and nothing takes the focus.
"use strict";

const EVERY_MS = 2000;
const ANSWER_MS = 4000;
// So many questions in a row go unanswered before the page says that it is cut off.
const LOST_AFTER = 3;
// A call that has only just come up under the pointer isn't answered by a click that was meant for something else.
const SETTLES_MS = 700;

const banner = document.getElementById("calls");
const list = banner.querySelector("ul");
const ended = document.getElementById("calls-ended");
const lost = document.getElementById("calls-lost");
const title = document.title;
const cameUp = new WeakMap();
let failures = 0;
let asking = false;
let again = false;
let timer;

async function ask() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  again = false;
  clearTimeout(timer);
  try {
    const visible = document.visibilityState === "visible";
    const answer = await fetch(`/calls/open?visible=${visible}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.ok) {
      show(await answer.text());
    }
    ended.hidden = answer.status !== 401;
    failures = answer.ok || answer.status === 401 ? 0 : failures + 1;
  } catch {
    failures += 1;
  }
  asking = false;
  lost.hidden = failures < LOST_AFTER;
  if (!ended.hidden) show("");
  mark();
  // Without a session there is nothing to ask for, until somebody comes back to this page.
  if (ended.hidden) timer = setTimeout(ask, again ? 0 : EVERY_MS);
}

// Brings the list up to date, touching only what has changed.
function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelectorAll("li");
  const calls = new Map(Array.from(fresh, (call) => [call.dataset.call, call]));
  const hadFocus = list.contains(document.activeElement);
  for (const old of Array.from(list.children)) {
    const call = calls.get(old.dataset.call);
    calls.delete(old.dataset.call);
    if (!call) {
      old.remove();
    } else if (call.dataset.state === old.dataset.state) {
      old.querySelector(".age").textContent = call.querySelector(".age").textContent;
    } else {
      old.replaceWith(call);
    }
  }
  for (const call of calls.values()) {
    cameUp.set(call, performance.now());
    list.append(call);
  }
  // The button that had the focus is gone: back to the work.
  if (hadFocus && !list.contains(document.activeElement)) {
    (document.getElementById("scan") ?? document.getElementById("content")).focus();
  }
}

function mark() {
  const waiting = list.querySelector('[data-state="waiting"]') !== null;
  const cutOff = !ended.hidden || !lost.hidden;
  document.title = (waiting ? "● " : cutOff ? "⚠ " : "") + title;
}

// Answers without leaving the page: somebody may be in the middle of a form.
banner.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  if (performance.now() - cameUp.get(form.closest("li")) < SETTLES_MS) return;
  const body = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    // A refusal is a page that says why.
    if (answer.type !== "opaqueredirect") return form.submit();
  } catch {
    // The network failed: the button is still there, and the banner will say so.
  }
  ask();
});

document.addEventListener("visibilitychange", ask);
ask();
