import assert from "node:assert/strict";
import { test } from "node:test";

import { placeLabel, pointAt, pointCounter, pointsAlong } from "../../../viz/explorer/page/placing.js";

const bounds = [0, 0, 2000, 2000];
const points = pointsAlong("M-30,0C-10,0 10,0 24,0L30,0");
const label = { points, width: 50, height: 24, isOn: true, side: -1, reach: 450 };
const place = (taken, change = {}, arrows = [points], within = bounds) =>
  placeLabel({ ...label, ...change }, taken, pointCounter(arrows), within);
const overlap = ([x, y, w, h], { x: x2, y: y2 }, { width, height } = label) =>
  Math.abs(x - x2) < (w + width) / 2 && Math.abs(y - y2) < (h + height) / 2;
const above = (x, y) => [x, y, 100, 74];

test("the points of an arrow lie evenly along it, from its start to its tip", () => {
  assert.deepEqual([points[0], points.at(-1)], [{ x: -30, y: 0 }, { x: 30, y: 0 }]);
  const curve = pointsAlong("M0,0C0,100 100,100 100,0C100,-50 150,-50 150,0L150,6");
  const steps = curve.slice(1).map((point, i) => Math.hypot(point.x - curve[i].x, point.y - curve[i].y));
  assert.ok(Math.max(...steps) < 1.15 * Math.min(...steps), steps.join());
  assert.ok(Math.abs(pointAt(points, 0.5).x) < 1e-9);
  assert.deepEqual(pointAt(points, 1), points.at(-1));
});

test("a label of the moment lies on the middle of its arrow where there is room", () => {
  const { x, y, from, isFree } = place([above(-90, 0), above(90, 0)]);
  assert.ok(Math.abs(x) < 1e-9 && Math.abs(y) < 1e-9);
  assert.deepEqual([from, isFree], [null, true]);
});

test("one that stays is beside its arrow, on its own side of it", () => {
  for (const side of [-1, 1]) {
    const { y } = place([], { isOn: false, side, height: 14 });
    assert.ok(side * y > 7 && side * y < 20, String(y));
  }
});

test("between cards too near for it, it stands above or below them, and a line leads to it", () => {
  const cards = [above(-90, 0), above(90, 0)];
  const { x, y, from, isFree } = place(cards, { width: 120 });
  assert.ok(isFree && from && cards.every((card) => !overlap(card, { x, y }, { width: 120, height: 24 })));
});

test("no label lies on a card or on another while any place is free, however many there are", () => {
  const cards = [-3, -2, -1, 0, 1, 2, 3].flatMap((row) => [above(-80, 100 * row), above(80, 100 * row)]);
  const taken = [...cards];
  for (let i = 0; i < 30; i += 1) {
    const found = place(taken);
    assert.ok(found.isFree, String(i));
    assert.deepEqual(taken.filter((box) => overlap(box, found)), []);
    taken.push([found.x, found.y, label.width, label.height]);
  }
});

test("where nothing is free it says so, and hides as little as it can", () => {
  const { isFree, x } = place([[0, 0, 4000, 4000], [-500, 0, 1000, 4000]]);
  assert.equal(isFree, false);
  assert.ok(x > 20, String(x));
  assert.equal(place([], { reach: 40, isOn: false }, [points], [0, 0, 60, 20]).isFree, false); // nor may it leave the picture
});

test("it would rather not cover other arrows", () => {
  const other = pointsAlong("M-30,-14C-10,-14 10,-14 24,-14L30,-14");
  const { y } = place([], { isOn: false, height: 14 }, [points, other]);
  assert.ok(y > 0 || y < -21, String(y));
});

test("the points of arrows in a box are counted as if each were asked, up to so many, without those of one arrow", () => {
  const arrows = ["M-80,-40C-20,90 20,-90 80,40L86,44", "M0,-70C0,0 0,0 0,70L0,76", "M-5,3C0,3 1,3 2,3L5,3"].map(pointsAlong);
  const count = pointCounter(arrows);
  for (let i = 0; i < 200; i += 1) {
    const box = [-90 + 0.9 * i, 60 * Math.sin(i), 8 + (i % 70), 5 + (i % 41)];
    const leftOut = [null, ...arrows][i % 4];
    const all = arrows.filter((each) => each !== leftOut).flat()
      .filter(({ x, y }) => Math.abs(x - box[0]) < box[2] / 2 && Math.abs(y - box[1]) < box[3] / 2).length;
    assert.equal(count(box, 6, leftOut), Math.min(all, 6), String(box));
    assert.equal(count(box, Infinity, leftOut), all, String(box));
  }
});
