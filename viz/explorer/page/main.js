/** How a page and a notebook open an explorer. The modules are joined to one text, of which this is the last. */

import { answering } from "./answer.js";
import { createApp } from "./app.js";
import { createPractice } from "./practice.js";

/** Open what a document holds: an explorer, or a series of drills. */
function openDocument(json, element, host) {
  return (json.practice ? createPractice : createApp)(json, element, host);
}

/** Open the explorer of a saved page: the document lies in it as JSON. */
export function openPage() {
  const json = JSON.parse(document.getElementById("chalkgrad-document").textContent);
  const element = document.getElementById("chalkgrad");
  element.explorer = openDocument(json, element, { isPage: true }).app;
}

const PATIENCE = 3000; // milliseconds, after which a kernel is taken for gone, and the page answers itself

/** Open the explorer in a notebook's cell, as anywidget asks for it. */
export function render({ model, el }) {
  const json = JSON.parse(model.get("document"));
  const alone = answering(json);
  const waiting = new Map(); // the number of a request -> who waits for its answer
  let asked = 0;
  model.on("msg:custom", ({ id, answer }) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  const kernel = (name, payload) =>
    new Promise((resolve) => {
      asked += 1;
      waiting.set(asked, resolve);
      model.send({ id: asked, name, payload });
    });
  const late = () => new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const request = (name, payload) => Promise.race([kernel(name, payload), late().then(() => alone(name, payload))]);
  return openDocument(json, el, { request }).destroy;
}
