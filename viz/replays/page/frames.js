/** Arithmetic on what is shown: packed numbers, colours, lines of equal height, axes. Nothing here knows of a page. */

/** Numbers as Python packed them: {kind: "float32" | "int16", scale, data: base64}; int16 are multiples of the scale. */
export function unpacked({ kind, scale, data }) {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  if (kind === "float32") return new Float32Array(bytes.buffer);
  return Float32Array.from(new Int16Array(bytes.buffer), (x) => (x === -32768 ? NaN : x * scale));
}

/** [red, green, blue] from 0 to 255 of "#3f90da". */
export function channels(color) {
  return [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
}

/** A colour between two, [red, green, blue] each. */
export function mixed(from, to, part) {
  return [0, 1, 2].map((i) => from[i] + part * (to[i] - from[i]));
}

/** About how many pixels wide a few words are, in the drawings' type. */
export function wide(words) {
  return 8 * [...words].length;
}

/** A grid of n by n points of k numbers each, read between its points for as many pixels by as many, row by row. */
export function refined(grid, n, k, pixels) {
  const found = new Float32Array(pixels * pixels * k);
  const steps = Array.from({ length: pixels }, (_, i) => {
    const at = ((i + 0.5) / pixels) * (n - 1);
    const low = Math.min(Math.floor(at), n - 2);
    return [low, at - low];
  });
  let next = 0;
  for (const [i, down] of steps) {
    for (const [j, right] of steps) {
      const corner = (i * n + j) * k;
      for (let c = corner; c < corner + k; c += 1, next += 1) {
        const above = grid[c] + right * (grid[c + k] - grid[c]);
        const below = grid[c + n * k] + right * (grid[c + n * k + k] - grid[c + n * k]);
        found[next] = above + down * (below - above);
      }
    }
  }
  return found;
}

/** The line along which a grid of n by n numbers is 0, as pieces [x1, y1, x2, y2] from 0 to 1. */
export function zeroLine(grid, n) {
  const pieces = [];
  const share = (a, b) => a / (a - b);
  for (let i = 0; i < n - 1; i += 1) {
    for (let j = 0; j < n - 1; j += 1) {
      const [a, b, c, d] = [grid[i * n + j], grid[i * n + j + 1], grid[(i + 1) * n + j + 1], grid[(i + 1) * n + j]];
      const crossed = [];
      if (a < 0 !== b < 0) crossed.push([j + share(a, b), i]);
      if (b < 0 !== c < 0) crossed.push([j + 1, i + share(b, c)]);
      if (d < 0 !== c < 0) crossed.push([j + share(d, c), i + 1]);
      if (a < 0 !== d < 0) crossed.push([j, i + share(a, d)]);
      for (let k = 0; k + 1 < crossed.length; k += 2) {
        pieces.push([...crossed[k], ...crossed[k + 1]].map((x) => x / (n - 1)));
      }
    }
  }
  return pieces.filter((piece) => piece.every(Number.isFinite));
}

/** By how much each of several scores of every point leads over the best of the others; of one score, over 0. */
export function leads(scores, n, k) {
  if (k === 1) return [scores];
  return Array.from({ length: k }, (_, i) =>
    Float32Array.from({ length: n * n }, (__, point) => {
      let best = -Infinity;
      for (let other = 0; other < k; other += 1) if (other !== i) best = Math.max(best, scores[point * k + other]);
      return scores[point * k + i] - best;
    }));
}

/** Round numbers from low to high, about so many. */
export function ticks(low, high, about = 5) {
  if (!(high > low)) return [low];
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((x) => x * power).find((x) => x >= rough * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i += 1) found.push(Number((i * step).toPrecision(12)));
  return found;
}

/** n + 1 round numbers, equally apart, between the first and the last of which low and high are. */
export function evenMarks(low, high, n) {
  const least = (high - low) / n || Math.abs(high) / n || 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const steps = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20].map((x) => x * power);
  const startOf = (step) => Math.floor(low / step + 1e-9) * step;
  const step = steps.find((each) => startOf(each) + n * each >= high - 1e-12 * Math.abs(high)) ?? steps.at(-1);
  return Array.from({ length: n + 1 }, (_, i) => Number((startOf(step) + i * step).toPrecision(12)));
}

/** Powers of ten from low to high, at most so many. */
export function decades(low, high, most = 6) {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const every = Math.max(1, Math.ceil((last - first) / most));
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, i) => 10 ** (first + i * every));
}

/** The part of some numbers, sorted, below which so large a share of them is. */
export function quantile(numbers, share) {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] : NaN;
}

/** A histogram [low, high, counts] as corners of its outline, [[x, height]], the highest of which has height 1. */
export function outline([low, high, counts]) {
  const most = Math.max(...counts, 1);
  const room = high > low ? (high - low) / counts.length : 0;
  return counts.flatMap((count, i) => [[low + i * room, count / most], [low + (i + 1) * room, count / most]]);
}
