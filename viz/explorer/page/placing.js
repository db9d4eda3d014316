/**
 * Where the label of an arrow stands: as near to the arrow's middle as there is room, off all cards and other labels.
 *
 * Boxes are those of the layouts: [x, y, width, height], the first two of their middle.
 */

const EVERY = 6; // points: how far apart an arrow is looked at
const SQUARE = 32; // points
const CLEAR = 2; // points around a label that stay free
const GAPS = [3, 6, 10, 15, 22, 30, 40, 52, 68, 88, 112, 142, 180, 228, 288, 360, 450]; // from the arrow
const SHARES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.1, 0.9]; // of its length
const SIDES = [[0, -1], [0, 1], [1, -1], [1, 1], [-1, -1], [-1, 1], [1, 0], [-1, 0]];
const [OTHER_SIDE, SIDEWAYS, COVERED] = [5, 2, 5]; // points of distance that each is as bad as
const MOST_COVERED = 6; // points of arrows; more are no worse
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
 * that it must not touch, `countPoints` counts the points of arrows that it should not cover, `bounds` is the box in which it stays.
 * Gives {x, y, from, isFree}: its middle, the point of the arrow that a line to it starts from, or null if it is near,
 * and whether it hides nothing: if not, it stands where it hides least.
 */
export function placeLabel(label, taken, countPoints, bounds) {
  const close = bestWithin(Math.min(NEARBY, label.reach), label, taken, countPoints, bounds);
  return close.isFree || label.reach <= NEARBY ? close : bestWithin(label.reach, label, taken, () => 0, bounds);
}

function bestWithin(reach, { points, width, height, isOn, side }, taken, countPoints, bounds) {
  const around = surroundings(points, reach + width);
  const boxes = taken.filter((box) => shared(around, box) > 0);
  const best = { cost: Infinity, hides: Infinity };
  for (const each of candidates(points, width, height, isOn, side, reach)) {
    if (each.cost >= best.cost && best.hides === 0) break; // they come in the order of their costs
    const box = [each.x, each.y, width + 2 * CLEAR, height + 2 * CLEAR];
    let hides = beyond(box, bounds);
    for (let i = 0; i < boxes.length && hides <= best.hides; i += 1) hides += shared(box, boxes[i]);
    if (hides > best.hides || (hides === best.hides && each.cost >= best.cost)) continue;
    const cost = each.cost + COVERED * countPoints(box, MOST_COVERED, isOn ? points : null);
    if (hides < best.hides || cost < best.cost) Object.assign(best, each, { cost, hides });
  }
  return { x: best.x, y: best.y, from: best.gap > ADJOINING ? best.from : null, isFree: best.hides === 0 };
}

/**
 * The points of arrows, by the squares that they lie in, as to ask each for each place of a label is slow.
 *
 * Gives a function of a box: how many of them lie in it, at most so many, those of one arrow left out.
 */
export function pointCounter(arrows) {
  const squares = new Map();
  const numberOf = (x, y) => Math.floor(x / SQUARE) * 65536 + Math.floor(y / SQUARE);
  for (const points of arrows) {
    for (const point of points) {
      const number = numberOf(point.x, point.y);
      if (!squares.has(number)) squares.set(number, []);
      squares.get(number).push({ point, points });
    }
  }
  return (box, most, leftOut = null) => {
    const [x, y, w, h] = box;
    const isInside = inside(box);
    let count = 0;
    for (let across = x - w / 2; across < x + w / 2 + SQUARE; across += SQUARE) {
      for (let down = y - h / 2; down < y + h / 2 + SQUARE; down += SQUARE) {
        for (const { point, points } of squares.get(numberOf(across, down)) ?? []) {
          if (points === leftOut || !isInside(point)) continue;
          count += 1;
          if (count === most) return most;
        }
      }
    }
    return count;
  };
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
function shared(a, b) {
  const across = Math.min(a[0] + a[2] / 2, b[0] + b[2] / 2) - Math.max(a[0] - a[2] / 2, b[0] - b[2] / 2);
  if (across <= 0) return 0;
  const down = Math.min(a[1] + a[3] / 2, b[1] + b[3] / 2) - Math.max(a[1] - a[3] / 2, b[1] - b[3] / 2);
  return down > 0 ? across * down : 0;
}

/** The area of a box that lies outside of another. */
function beyond([x, y, w, h], [x2, y2, w2, h2]) {
  const isInside = Math.abs(x - x2) + w / 2 <= w2 / 2 && Math.abs(y - y2) + h / 2 <= h2 / 2;
  return isInside ? 0 : w * h - shared([x, y, w, h], [x2, y2, w2, h2]);
}

function inside([x, y, w, h]) {
  return (point) => Math.abs(point.x - x) < w / 2 && Math.abs(point.y - y) < h / 2;
}
