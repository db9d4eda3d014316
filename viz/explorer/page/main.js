/** How a page and a notebook open an explorer. The modules are joined to one text, of which this is the last. */

import { createApp } from "./app.js";
import { createPractice } from "./practice.js";

/** Open what a document holds: an explorer, or a series of drills. */
function openDocument(json, element, host) {
  return (json.practice ? createPractice : createApp)(json, element, host);
}

/** Open the explorer of a saved page: the document lies in it as JSON. */
export function openPage() {
  const json = JSON.parse(document.getElementById("chalkgrad-document").textContent);
  return openDocument(json, document.getElementById("chalkgrad"), { isPage: true });
}

/** Open the explorer in a notebook's cell, as anywidget asks for it. */
export function render({ model, el }) {
  const answers = new Map();
  let asked = 0;
  model.on("msg:custom", ({ id, answer }) => {
    answers.get(id)?.(answer);
    answers.delete(id);
  });
  const request = (name, payload) =>
    new Promise((resolve) => {
      asked += 1;
      answers.set(asked, resolve);
      model.send({ id: asked, name, payload });
    });
  const { destroy } = openDocument(JSON.parse(model.get("document")), el, { request });
  return destroy;
}
