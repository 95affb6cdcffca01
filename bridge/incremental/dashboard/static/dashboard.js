// The table of routes is kept up to date; all else works without this script.
"use strict";
const routes = document.getElementById("routes");
if (routes) {
  const events = new EventSource(document.body.dataset.root + "/events");
  events.addEventListener("routes", (event) => {
    routes.innerHTML = event.data; // rendered and escaped by our server
    document.body.dataset.live = "yes";
  });
}
