"use strict";
const said = document.getElementById("said");
const state = document.getElementById("state");
const form = document.getElementById("say");
const text = document.getElementById("text");
let socket;

function element(name, content) {
  const made = document.createElement(name);
  made.textContent = content;
  return made;
}

function show(message) {
  const line = document.createElement("li");
  line.className = message.kind;
  if (message.kind === "said") {
    if (message.who === said.dataset.me) line.classList.add("mine");
    line.append(element("b", message.who), element("time", message.at), element("p", message.text));
  } else {
    line.textContent = `${message.who} ${message.kind}`;
    state.textContent = `here: ${message.visitors.join(", ")}`;
  }
  said.append(line);
  line.scrollIntoView({ block: "end" });
}

function enable(open) {
  for (const control of form.elements) control.disabled = !open;
  if (open) text.focus();
}

function connect() {
  const url = new URL(said.dataset.talk, location);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.onopen = () => {
    said.replaceChildren(); // the history comes anew
    enable(true);
  };
  socket.onmessage = (event) => show(JSON.parse(event.data));
  socket.onclose = (event) => {
    enable(false);
    state.textContent = event.code === 1008 ? event.reason : "connection lost, trying again";
    if (event.code !== 1008) setTimeout(connect, 1000);
  };
}

form.onsubmit = (event) => {
  event.preventDefault();
  if (text.value.trim()) socket.send(text.value);
  text.value = "";
};

connect();
