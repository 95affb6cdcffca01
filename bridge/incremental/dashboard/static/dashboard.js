// The parts of a page are kept up to date, and the routes can be filtered. All else works without this script.
"use strict";
const parts = new Map([...document.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
const state = document.getElementById("state");
const filter = document.getElementById("filter");

function say(text, kind) {
  if (state.textContent === text) return; // a screen reader would say it again
  state.textContent = text;
  state.className = kind;
}

// What the reader has opened stays open, and the focus stays where it is.
function put(part, html) {
  const focused = part.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const opened = new Map([...part.querySelectorAll("details")].map((each) => [each.dataset.key, each.open]));
  part.innerHTML = html; // rendered and escaped by our server
  for (const each of part.querySelectorAll("details")) {
    if (opened.has(each.dataset.key)) each.open = opened.get(each.dataset.key);
  }
  if (focused !== undefined) {
    [...part.querySelectorAll("[data-key]")].find((each) => each.dataset.key === focused)?.focus();
  }
}

function show() {
  const words = filter.value.toLowerCase().split(/\s+/);
  for (const row of parts.get("routes").querySelectorAll("tbody tr")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
}

if (filter) {
  filter.closest("[hidden]").hidden = false;
  filter.addEventListener("input", show);
}
if (parts.size) {
  const events = new EventSource(document.body.dataset.root + "/events" + location.search);
  let lost; // streams end now and then, and begin again at once: that is no loss
  events.addEventListener("open", () => {
    clearTimeout(lost);
    lost = undefined;
    say("live", "good");
  });
  events.addEventListener("error", () => {
    lost ??= setTimeout(() => say("connection lost, trying again", "bad"), 3000);
  });
  for (const [name, part] of parts) {
    events.addEventListener(name, (event) => {
      put(part, event.data);
      if (name === "routes") show();
      document.body.dataset.live = "yes";
    });
  }
}
