/**
 * Derivatives by finite differences, to check those by rule: engine/check.py, step by step.
 *
 * `outputs(points)` gives a Promise of the output's number at each of some settings of the leaves, {id: number}.
 */

const FLOAT_EPSILON = 2 ** -52;
const BEST_STEP = 2 ** -17; // about the cube root of that: where the error of a central difference is least

/** The difference quotients of a leaf for a step h: {h, ahead, behind, central}. */
export async function quotients(outputs, node, h) {
  return (await quotientsFor(outputs, node, [h]))[0];
}

/** The same for several steps, which are asked for all at once. */
export async function quotientsFor(outputs, node, steps) {
  const x = node.data;
  const points = steps.flatMap((h) => [x + h, x - h]);
  const [here, ...found] = await outputs([x, ...points].map((at) => ({ [node.id]: at })));
  return steps.map((h, i) => {
    const [above, below] = [points[2 * i], points[2 * i + 1]]; // the steps that were really taken, not those asked for
    const [yAbove, yBelow] = [found[2 * i], found[2 * i + 1]];
    return {
      h,
      ahead: (yAbove - here) / (above - x),
      behind: (here - yBelow) / (x - below),
      central: (yAbove - yBelow) / (above - below),
    };
  });
}

/**
 * What finite differences say of a derivative: {kind, numeric, error}.
 *
 * kind: "agrees"; "corner", where the slopes to both sides differ and the derivative is neither above nor below them
 * both; "wrong"; "unknown" where the function is not finite nearby. The error is the distance to the central difference.
 *
 * Source: Nocedal and Wright, "Numerical Optimization" (2006), section 8.1.
 */
export async function judged(outputs, node, gradient) {
  const step = BEST_STEP * Math.max(1, Math.abs(node.data));
  const [[full, half], [y]] = await Promise.all([
    quotientsFor(outputs, node, [step, step / 2]),
    outputs([{ [node.id]: node.data }]),
  ]);
  const error = Math.abs(full.central - gradient);
  const said = (kind) => ({ kind, numeric: full.central, error });
  if (![full, half].every(({ ahead, behind }) => Number.isFinite(ahead) && Number.isFinite(behind))) return said("unknown");
  const size = Math.max(Math.abs(full.central), Math.abs(gradient));
  const roundOff = (8 * FLOAT_EPSILON * Math.max(Math.abs(y), Math.abs(gradient * node.data))) / step;
  const jump = Math.abs(full.ahead - full.behind);
  const isCorner = jump > 1e-6 * size + roundOff && Math.abs(half.ahead - half.behind) > 0.75 * jump;
  if (isCorner) {
    const slack = 1e-6 * size + roundOff;
    const [low, high] = [Math.min(full.ahead, full.behind), Math.max(full.ahead, full.behind)];
    return said(gradient >= low - slack && gradient <= high + slack ? "corner" : "wrong");
  }
  const truncation = 4 * Math.abs(full.central - half.central);
  return said(error <= 1e-6 * size + truncation + roundOff ? "agrees" : "wrong");
}

/**
 * How far difference quotients are from a derivative for steps from 1e-16 to 1: [{h, central, ahead}, ...].
 *
 * For large steps the error is truncation, which falls with h (ahead) or with its square (central); for small ones it
 * is round-off, which grows as h falls.
 */
export async function errorCurve(outputs, node, gradient, perDecade = 4) {
  const steps = Array.from({ length: 16 * perDecade + 1 }, (_, i) => 10 ** (-16 + i / perDecade));
  const found = await quotientsFor(outputs, node, steps);
  return found.map(({ h, central, ahead }) => ({
    h, central: Math.abs(central - gradient), ahead: Math.abs(ahead - gradient),
  }));
}
