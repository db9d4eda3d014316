/** Judges answers from a file of traces and cases, as the page does; a test compares that with Python's judging. */

import { readFileSync } from "node:fs";

import { judge } from "../../../viz/explorer/page/judge.js";
import { readTrace } from "../../../viz/explorer/page/trace.js";

const { traces, cases } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const read = traces.map(readTrace);
console.log(JSON.stringify(cases.map(([i, index, asked, answer]) =>
  judge(answer, { event: read[i].events[index], trace: read[i], asked }))));
