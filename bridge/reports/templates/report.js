"use strict";
(() => {
  const table = document.getElementById("route-table");
  const form = document.getElementById("route-filter");

  // --- filter: text and verdicts

  function applyFilter() {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set([...form.querySelectorAll("[name=verdict]:checked")].map((box) => box.value));
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !verdicts.has(row.dataset.verdict) || !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    form.querySelector("output").value = `${shown} of ${table.tBodies[0].rows.length} routes`;
  }

  // --- sort: a click on a heading, another one turns it round

  function sortBy(heading) {
    const column = heading.cellIndex;
    const up = heading.getAttribute("aria-sort") !== "ascending";
    for (const each of heading.parentElement.cells) each.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent.trim();
    const { compare } = new Intl.Collator("en", { numeric: true });
    const keyed = [...table.tBodies[0].rows].map((row) => [key(row), row]);
    keyed.sort(([a], [b]) => (up ? compare(a, b) : compare(b, a)));
    table.tBodies[0].append(...keyed.map(([, row]) => row));
  }

  // --- cards: open what a link leads to, and show a finding that stands in another card here, too

  function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
    if (target) target.scrollIntoView();
  }

  function copyOf(element) {
    const copy = element.cloneNode(true);
    copy.removeAttribute("id");
    return copy;
  }

  function fillCard(card) {
    for (const place of card.querySelectorAll("[data-card]")) {
      const other = document.getElementById(place.dataset.card);
      if (other) place.replaceWith(...[...other.querySelectorAll(".finding, [data-finding]")].map(copyOf));
    }
    for (const place of card.querySelectorAll("[data-finding]")) {
      const original = document.getElementById(place.dataset.finding);
      if (original) place.replaceWith(copyOf(original));
    }
  }

  if (table && form) {
    form.hidden = false;
    form.addEventListener("input", applyFilter);
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const heading of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      heading.replaceChildren(button);
      heading.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => sortBy(heading));
    }
    applyFilter();
  }
  for (const card of document.querySelectorAll("details.card")) {
    card.addEventListener("toggle", () => card.open && fillCard(card));
  }
  window.addEventListener("hashchange", openTarget);
  window.addEventListener("beforeprint", () => {
    if (document.querySelector(".many")) return; // hundreds of cards nobody reads on paper: those that are open
    for (const card of document.querySelectorAll("details.card")) card.open = true;
  });
  if (location.hash) openTarget();
})();
