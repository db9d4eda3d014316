/** The cards of a picture: what a node or a box looks like. Shapes say the kind, so that greys would do. */

import { s } from "./dom.js";
import { boardName, clipped, signOf, tight, writeNumber } from "./numbers.js";

const DIGITS = 4;
const SIGN = 34; // points: the field of the sign
const WIDTH = 7.5; // points: of a letter in a name
const LYING = 5; // letters of a sign; of more it stands upright
const [MOST_BARS, BAR] = [28, 13]; // how many, and points: the height of the largest
const [CAPTION, LETTER] = [30, 10]; // points: the words "data" and "grad", and a digit of the number beside them

function shape(kind, [x, y, w, h]) {
  const [left, top] = [x - w / 2, y - h / 2];
  if (kind === "parameter") {
    const cut = 13;
    const points = [[left + cut, top], [left + w - cut, top], [left + w, y], [left + w - cut, top + h], [left + cut, top + h], [left, y]];
    return (extra) => s("polygon", { ...extra, points: points.map((point) => point.join(",")).join(" "), "stroke-linejoin": "round" });
  }
  if (kind === "constant") return (extra) => s("ellipse", { ...extra, cx: x, cy: y, rx: w / 2, ry: h / 2 });
  const rx = kind === "input" ? h / 2.2 : 9;
  return (extra) => s("rect", { ...extra, x: left, y: top, width: w, height: h, rx });
}

/** The card of a node: its name and sign, its number and its gradient. */
export function leafOrOperation(node, place, isOutput) {
  const [x, y, w, h] = place;
  const outline = shape(node.kind, place);
  const isConstant = node.kind === "constant";
  const isOperation = node.kind === "operation";
  const left = x - w / 2 + (isOperation ? SIGN + 9 : 19);
  const right = x + w / 2 - (isOperation ? 10 : 15);
  const room = right - left - CAPTION;
  const title = s("title", {}, `${node.name}: ${node.kind === "operation" ? node.operation : node.kind}`);
  const element = s("g", { class: `cg-card is-${node.kind}${isOutput ? " is-output" : ""}`, "data-node": node.id }, title,
    outline({ class: "cg-halo" }), outline({ class: "cg-body" }));
  const data = createNumber("cg-data", isConstant ? x : right, isConstant ? y + 5 : y + 6, isConstant ? w - 14 : room);
  const grad = createNumber("cg-grad", right, y + 27, room);
  const badge = node.uses > 1 && !isConstant && s("g", { class: "cg-badge" });
  const beside = createBeside(element, x, y + h / 2 + 15);
  element.append(data.element);
  if (!isConstant) {
    if (isOperation) {
      const sign = signOf(node);
      element.append(
        s("line", { class: "cg-rule", x1: x - w / 2 + SIGN, x2: x - w / 2 + SIGN, y1: y - h / 2 + 1, y2: y + h / 2 - 1 }),
        signText(sign, x - w / 2 + SIGN / 2, y, h));
    }
    element.append(
      s("text", { class: "cg-name", x: left, y: y - 16, "data-room": right - left + 6 }, clipped(boardName(node.name), (right - left + 6) / WIDTH)),
      s("text", { class: "cg-caption", x: left, y: y + 5.5 }, "data"),
      s("text", { class: "cg-caption", x: left, y: y + 26.5 }, "grad"), grad.element, ...[badge].filter(Boolean));
  }
  return {
    element,
    update(state) {
      const value = state.known.data.get(node.id);
      const gradient = state.known.gradient.get(node.id);
      element.classList.toggle("is-unknown", value === undefined);
      data.write(value);
      if (isConstant) return;
      grad.write(gradient);
      if (badge) counted(badge, place, node, state.known.received.get(node.id) ?? 0);
      beside(besides(state, node.id, value, gradient));
    },
  };
}

/** A sign in its field; a long word stands upright. */
function signText(sign, x, y, h) {
  if (sign.length <= LYING) return s("text", { class: `cg-sign${sign.length > 2 ? " is-word" : ""}`, x, y: y + (sign.length > 2 ? 4 : 6.5), "data-room": SIGN - 4 }, sign);
  return s("text", { class: "cg-sign is-word", x, y: y + 4, transform: `rotate(-90 ${x} ${y})`, "data-room": h - 8 }, sign);
}

/** Names and signs that are wider than their room, in whatever font there is, made as narrow as that. */
export function fitTexts(world) {
  const texts = [...world.querySelectorAll("[data-room]")];
  const tooWide = texts.filter((text) => text.getComputedTextLength() > Number(text.dataset.room));
  for (const text of tooWide) {
    text.setAttribute("textLength", text.dataset.room);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
}

function short(number) {
  const whole = writeNumber(number, DIGITS);
  return tight(whole.length > 9 ? writeNumber(number, 3) : whole);
}

/** A number of a card, right of which nothing stands: {element, write(number)}. */
function createNumber(how, x, y, room) {
  const element = s("text", { class: `cg-number ${how}`, x, y });
  let shown = null; // a number, or undefined where it is not known
  return {
    element,
    write(number) {
      if (Object.is(number, shown)) return;
      shown = number;
      element.textContent = short(number);
      element.classList.toggle("is-long", LETTER * element.textContent.length > room);
      element.classList.toggle("is-unknown", number === undefined);
    },
  };
}

/** A function that puts a text below a card, if there is one. */
function createBeside(card, x, y) {
  let text = null;
  return (words) => {
    if (words === (text?.textContent ?? "")) return;
    text?.remove();
    text = words ? s("text", { class: "cg-beside", x, y }, words) : null;
    if (text) card.append(text);
  };
}

/** The numbers of `beside` that differ from those of a card; of a gradient that still grows, its sum so far. */
function besides({ beside, known }, id, value, gradient) {
  if (!beside) return "";
  const sums = beside.sums?.[id] ?? [];
  const received = known.received.get(id) ?? 0;
  const isGrowing = received > 0 && received <= sums.length;
  const differs = (here, other) => other !== undefined && here !== undefined && !Object.is(here, other);
  const other = { data: beside.data?.[id], gradient: isGrowing ? sums[received - 1] : beside.gradient?.[id] };
  const texts = [];
  if (differs(value, other.data)) texts.push(`data ${short(other.data)}`);
  if (differs(gradient, other.gradient)) texts.push(`grad ${short(other.gradient)}`);
  return texts.length ? `${beside.label}${isGrowing ? " so far" : ""}: ${texts.join(", ")}` : "";
}

const tally = (node, received) => `${received} of ${node.uses} in`;

/** The box of a badge at a card, as those of the layouts are. */
function badgeBox([x, y, w, h], words) {
  const width = 12 + 6.1 * words.length;
  return [x + w / 2 + 4 - width / 2, y - h / 2 - 1.5, width, 19];
}

/** The boxes that a card needs: its own, and those of what may come to stand around it. */
export function boxesOfCard(node, box, place, beside) {
  const [x, y, w, h] = place;
  if (box) return [[x + 2, y + 2, w + 4, h + 4]];
  const isOther = [beside?.data, beside?.gradient].some((numbers) => numbers?.[node.id] !== undefined);
  return [place, ...(node.uses > 1 && node.kind !== "constant" ? [badgeBox(place, tally(node, node.uses - 1))] : []),
    ...(isOther ? [[x, y + h / 2 + 11, w, 16]] : [])];
}

function counted(badge, place, node, received) {
  const isWaiting = received > 0 && received < node.uses;
  const words = isWaiting ? tally(node, received) : "";
  if ((badge.lastChild?.textContent ?? "") === words) return;
  badge.replaceChildren();
  if (!isWaiting) return;
  const [x, y, width, height] = badgeBox(place, words);
  badge.append(s("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: height / 2 }), s("text", { x, y: y + 4 }, words));
}

/** The card of a box that stands for several nodes. */
export function boxCard(box, place, out) {
  const [x, y, w, h] = place;
  const [left, top] = [x - w / 2, y - h / 2];
  const outline = (extra, by = 0) => s("rect", { ...extra, x: left + by, y: top + by, width: w, height: h, rx: 10 });
  const count = (amount, noun) => `${amount.toLocaleString("en")} ${noun}${amount === 1 ? "" : "s"}`;
  const told = box.leaves && box.leaves.length < box.count ? `, told of ${box.leaves.length}` : "";
  const words = (box.weights && box.weights < box.count ? `${count(box.weights, "weight")}, ` : "") + count(box.count, "node") + told;
  const element = s("g", { class: "cg-card is-box", "data-node": out[0] ?? "" }, s("title", {}, `${box.title}: ${words}`),
    outline({ class: "cg-body" }, 4), outline({ class: "cg-halo" }), outline({ class: "cg-body" }),
    s("text", { class: "cg-name", x: left + 12, y: top + 20, "data-room": w - 46 }, clipped(box.title, (w - 46) / WIDTH)),
    s("text", { class: "cg-caption", x: left + 12, y: top + 35, "data-room": w - 24 }, words));
  let opener = null;
  if (box.view) {
    const [cx, cy] = [left + w - 16, top + 16];
    opener = s("g", { class: "cg-opener" }, s("title", {}, `Open ${box.title}`), s("circle", { cx, cy, r: 10 }),
      s("path", { d: `M${cx - 4.5},${cy}h9M${cx},${cy - 4.5}v9` }));
    element.append(opener);
  }
  const update = out.length === 1 ? single(element, left, top, w, out[0]) : bars(element, left, top, w, h, out);
  return { element, opener, update };
}

function single(element, left, top, w, id) {
  const data = createNumber("cg-data", left + w - 12, top + 54, w - 24 - CAPTION);
  const grad = createNumber("cg-grad", left + w - 12, top + 72, w - 24 - CAPTION);
  element.append(s("text", { class: "cg-caption", x: left + 12, y: top + 54 }, "data"), data.element,
    s("text", { class: "cg-caption", x: left + 12, y: top + 72 }, "grad"), grad.element);
  return (state) => {
    const value = state.known.data.get(id);
    element.classList.toggle("is-unknown", value === undefined);
    data.write(value);
    grad.write(state.known.gradient.get(id));
  };
}

function bars(element, left, top, w, h, out) {
  const ids = out.slice(0, MOST_BARS);
  const room = (w - 24) / 2 - 6;
  const width = Math.min(9, room / Math.max(ids.length, 1));
  const middle = top + h - 27;
  const field = s("g", { class: "cg-bars" });
  const caption = (side, words) => s("text", { class: "cg-caption is-small", x: left + 12 + side * (room + 12), y: top + h - 4 }, words);
  element.append(field, caption(0, "data"), caption(1, "grad"));
  const one = (known, side, how) => {
    const start = left + 12 + side * (room + 12);
    const numbers = ids.map((id) => known.get(id)).map((x) => (Number.isFinite(x) ? x : 0));
    const largest = Math.max(...numbers.map(Math.abs)) || 1;
    return [
      s("path", { class: "is-axis", d: `M${start},${middle}h${room}` }),
      ...numbers.map((x, i) => {
        const height = Math.max(Math.abs(x / largest) * BAR, x === 0 ? 0 : 1);
        return s("rect", { class: how, x: start + i * width + 0.5, y: x > 0 ? middle - height : middle, width: Math.max(width - 1.5, 1), height });
      }),
    ];
  };
  let shown = "";
  return (state) => {
    const { data, gradient } = state.known;
    element.classList.toggle("is-unknown", ids.some((id) => !data.has(id)));
    const key = ids.map((id) => `${data.get(id)} ${gradient.get(id)}`).join();
    if (key === shown) return;
    shown = key;
    field.replaceChildren(...one(data, 0, "is-data"), ...one(gradient, 1, "is-grad"));
  };
}
