/**
 * Where the label of an arrow stands: as near to the arrow's middle as there is room, off all cards and other labels.
 *
 * Boxes are those of the layouts: [x, y, width, height], the first two of their middle.
 */

const EVERY = 6; // points: how far apart an arrow is looked at
const CLEAR = 2; // points around a label that stay free
const GAPS = [3, 6, 10, 15, 22, 30, 40, 52, 68, 88, 112, 142, 180, 228, 288, 360, 450]; // from the arrow
const SHARES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.1, 0.9]; // of its length
const SIDES = [[0, -1], [0, 1], [1, -1], [1, 1], [-1, -1], [-1, 1], [1, 0], [-1, 0]];
const [OTHER_SIDE, SIDEWAYS, COVERED, MOST_COVERED] = [5, 2, 5, 30]; // points of distance that each is as bad as
const NEARBY = 90; // points: where there is no room so near to the arrow, any place will do
const ADJOINING = 14; // of a label that is farther from its arrow, a line says whose it is

/** The points of an arrow ("M0,0C10,0 20,0 30,0L36,0"), evenly spread from its start to its tip. */
export function pointsAlong(path) {
  const numbers = path.match(/-?[\d.]+(?:e-?\d+)?/g).map(Number);
  const ends = Array.from({ length: numbers.length / 2 }, (_, i) => ({ x: numbers[2 * i], y: numbers[2 * i + 1] }));
  const dense = [ends[0]];
  let i = 0;
  for (; i + 3 < ends.length; i += 3) {
    const [a, b, c, d] = ends.slice(i, i + 4);
    for (let k = 1; k <= 16; k += 1) dense.push(bezier(a, b, c, d, k / 16));
  }
  dense.push(...ends.slice(i + 1));
  const lengths = [0];
  for (let k = 1; k < dense.length; k += 1) lengths.push(lengths[k - 1] + Math.hypot(dense[k].x - dense[k - 1].x, dense[k].y - dense[k - 1].y));
  const total = lengths.at(-1);
  const n = Math.max(2, Math.round(total / EVERY));
  let at = 1;
  return Array.from({ length: n + 1 }, (_, k) => {
    const wanted = (total * k) / n;
    while (at < dense.length - 1 && lengths[at] < wanted) at += 1;
    const share = (wanted - lengths[at - 1]) / (lengths[at] - lengths[at - 1] || 1);
    return between(dense[at - 1], dense[at], share);
  });
}

function bezier(a, b, c, d, t) {
  const [p, q] = [1 - t, t];
  const weights = [p * p * p, 3 * p * p * q, 3 * p * q * q, q * q * q];
  const mixed = (key) => weights[0] * a[key] + weights[1] * b[key] + weights[2] * c[key] + weights[3] * d[key];
  return { x: mixed("x"), y: mixed("y") };
}

function between(a, b, share) {
  return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
}

/** The point at a share of the length of an arrow, whose points are given. */
export function pointAt(points, share) {
  const place = share * (points.length - 1);
  const i = Math.min(Math.floor(place), points.length - 2);
  return between(points[i], points[i + 1], place - i);
}

/**
 * The place for one label.
 *
 * `label` is {points, width, height, isOn, side, reach}: of its arrow; whether it may lie on the arrow; -1 if it
 * belongs above the arrow rather than below, where it is 1; how far from the arrow it may stand. `taken` are the boxes
 * that it must not touch, `lines` {points, box} of the arrows that it should not cover, `bounds` the box in which it stays.
 * Gives {x, y, from, isFree}: its middle, the point of the arrow that a line to it starts from, or null if it is near,
 * and whether it hides nothing: if not, it stands where it hides least.
 */
export function placeLabel(label, taken, lines, bounds) {
  const close = bestWithin(Math.min(NEARBY, label.reach), label, taken, lines, bounds);
  return close.isFree || label.reach <= NEARBY ? close : bestWithin(label.reach, label, taken, [], bounds);
}

function bestWithin(reach, { points, width, height, isOn, side }, taken, lines, bounds) {
  const around = surroundings(points, reach + width);
  const boxes = taken.filter((box) => shared(around, box) > 0);
  const crossing = lines.filter((line) => (line.points !== points || !isOn) && shared(around, line.box) > 0);
  const hidden = crossing.flatMap((line) => line.points.filter(inside(around)));
  const best = { cost: Infinity, hides: Infinity };
  for (const each of candidates(points, width, height, isOn, side, reach)) {
    if (each.cost >= best.cost && best.hides === 0) break; // they come in the order of their costs
    const box = [each.x, each.y, width + 2 * CLEAR, height + 2 * CLEAR];
    let hides = beyond(box, bounds);
    for (let i = 0; i < boxes.length && hides <= best.hides; i += 1) hides += shared(box, boxes[i]);
    if (hides > best.hides) continue;
    const cost = each.cost + Math.min(COVERED * hidden.filter(inside(box)).length, MOST_COVERED);
    if (hides < best.hides || cost < best.cost) Object.assign(best, each, { cost, hides });
  }
  return { x: best.x, y: best.y, from: best.gap > ADJOINING ? best.from : null, isFree: best.hides === 0 };
}

function candidates(points, width, height, isOn, side, reach) {
  const found = [];
  const length = (points.length - 1) * EVERY;
  for (const share of SHARES) {
    const from = pointAt(points, share);
    const off = Math.abs(share - 0.5) * Math.min(length, 240) * 0.3;
    if (isOn) found.push({ ...from, from, gap: 0, cost: off });
    for (const gap of GAPS) {
      if (gap > reach) break;
      for (const [across, down] of SIDES) {
        const x = from.x + across * (width / 2 + gap * (down ? 0.7 : 1));
        const y = from.y + down * (height / 2 + gap);
        const cost = off + gap + (down === -side ? OTHER_SIDE : 0) + (across ? SIDEWAYS : 0);
        found.push({ x, y, from, gap, cost });
      }
    }
  }
  return found.sort((a, b) => a.cost - b.cost);
}

/** The box around points, and so much around that. */
export function surroundings(points, extent) {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return [(left + right) / 2, (top + bottom) / 2, right - left + 2 * extent, bottom - top + 2 * extent];
}

/** The area of what two boxes have in common. */
function shared([x, y, w, h], [x2, y2, w2, h2]) {
  const across = Math.min(x + w / 2, x2 + w2 / 2) - Math.max(x - w / 2, x2 - w2 / 2);
  const down = Math.min(y + h / 2, y2 + h2 / 2) - Math.max(y - h / 2, y2 - h2 / 2);
  return across > 0 && down > 0 ? across * down : 0;
}

/** The area of a box that lies outside of another. */
function beyond([x, y, w, h], [x2, y2, w2, h2]) {
  const isInside = Math.abs(x - x2) + w / 2 <= w2 / 2 && Math.abs(y - y2) + h / 2 <= h2 / 2;
  return isInside ? 0 : w * h - shared([x, y, w, h], [x2, y2, w2, h2]);
}

function inside([x, y, w, h]) {
  return (point) => Math.abs(point.x - x) < w / 2 && Math.abs(point.y - y) < h / 2;
}
