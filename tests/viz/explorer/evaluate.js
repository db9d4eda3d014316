// Reads {rules, cases: [[which rule, xs, z], ...]} and writes [[value, partials], ...], with texts for what JSON lacks.
import { readFileSync } from "node:fs";

import { readNumber } from "../../../viz/explorer/page/numbers.js";
import { evaluate } from "../../../viz/explorer/page/rules.js";

const { rules, cases } = JSON.parse(readFileSync(0, "utf8"));
const answers = cases.map(([which, xs, z]) => {
  const { value, partials } = evaluate(rules[which], xs.map(readNumber), readNumber(z));
  return [value, ...partials].map((x) => (x === null ? "flat" : Object.is(x, -0) ? "-0.0" : Number.isFinite(x) ? x : String(x)));
});
process.stdout.write(JSON.stringify(answers));
