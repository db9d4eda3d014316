/** How numbers and formulas are written: as on the board. */

const RAISED = { "-": "⁻", "+": "", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const LONGEST = 10; // letters of a number in a column
const MOST_OPERANDS = 12; // that a formula is written with
const WITHIN = "\u00a0"; // the space in a number, at which no line ends
const WORDS = { inf: Infinity, "-inf": -Infinity, nan: NaN };

/** A number as JSON has it, or the text "inf", "-inf" or "nan" in its place. */
export function readNumber(json) {
  return typeof json === "string" && json in WORDS ? WORDS[json] : json;
}

/** A whole number, raised: -2 as ⁻². */
export function raised(text) {
  return [...String(text)].map((sign) => RAISED[sign] ?? sign).join("");
}

/** A number as Python's format(x, ".6g") has it. */
export function plainNumber(x, digits = 6) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (x === 0) return Object.is(x, -0) ? "-0" : "0";
  const [mantissa, exponent] = unlessTied(x, digits).toExponential(digits - 1).split("e");
  const power = Number(exponent);
  const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (power >= -4 && power < digits) return trimmed(Number(`${mantissa}e${exponent}`).toFixed(Math.max(0, digits - 1 - power)));
  const size = String(Math.abs(power)).padStart(2, "0");
  return `${trimmed(mantissa)}e${power < 0 ? "-" : "+"}${size}`;
}

/** The number; of one half way between two that are written, the one with the even last digit, which Python takes. */
function unlessTied(x, digits) {
  if (!x.toExponential(digits + 1).includes("50e")) return x; // most are told apart by that, which is quick
  const [mantissa, exponent] = x.toExponential(60).split("e");
  const cut = mantissa.indexOf(".") + digits; // behind the digits that are written
  const isTied = /^50*$/.test(mantissa.slice(cut)) && "02468".includes(mantissa[cut - 1]);
  return isTied ? Number(`${mantissa.slice(0, cut)}e${exponent}`) : x;
}

/** A number to so many significant digits, with a true minus sign and powers of ten: −1.5 × 10⁻⁷. */
export function writeNumber(x, digits = 6) {
  if (x === undefined || x === null) return "not yet";
  if (x === Infinity) return "∞";
  if (x === -Infinity) return "−∞";
  return onBoard(plainNumber(x, digits));
}

/** A number that is written, without the spaces in it: where there is little room. */
export function tight(written) {
  return written.replaceAll(WITHIN, "");
}

/** A number for a column of numbers: where it would be too long for that, in fewer digits. */
export function columnNumber(x) {
  const written = [6, 4, 3].map((digits) => tight(writeNumber(x, digits)));
  return written.find((text) => text.length <= LONGEST) ?? written.at(-1);
}

/** A number as a factor or a term: −3 in brackets. */
export function asFactor(x, digits = 6) {
  const text = writeNumber(x, digits);
  return /^−|×/.test(text) ? `(${text})` : text;
}

/** A formula of Python's as it is on the board: 2 * x**2 as 2 × x², and of very many operands the first and the last. */
export function onBoard(code) {
  return shortened(code)
    .replace(/(\d(?:\.\d+)?)e([+-])0*(\d+)/g, (_, mantissa, sign, power) =>
      `${mantissa}${WITHIN}×${WITHIN}10${raised((sign === "-" ? "-" : "") + power)}`)
    .replace(/\*\*\(?(-?\d+)\)?(?![\d.])/g, (_, power) => raised(power))
    .replace(/\*\*/g, "^")
    .replace(/\*/g, "×")
    .replace(/-/g, "−");
}

/** A formula in which of many operands, between brackets, the first and the last are left. */
export function shortened(formula, most = MOST_OPERANDS, first = 3) {
  return formula.replace(/\(([^()]*)\)/g, (whole, inside) => {
    const operands = inside.match(/(?:\[[^\]]*\]|[^,])+/g) ?? [];
    return operands.length > most ? `(${few(operands.map((each) => each.trim()), most, first).join(", ")})` : whole;
  });
}

/** Of many texts the first ones and the last. */
export function few(texts, most, first = most - 1) {
  return texts.length > most ? [...texts.slice(0, first), "…", texts.at(-1)] : texts;
}

/** A name as it is on the board: v3 as v₃, W1[2,0] as W₁[2,0]. */
export function boardName(name) {
  const match = /^([A-Za-z])(\d+)(?:_(\d+))?(\[[\d,]+\])?$/.exec(name);
  if (!match) return name;
  const [, letter, number, part, index = ""] = match;
  return letter + lowered(number) + (part ? `.${lowered(part)}` : "") + index;
}

function lowered(digits) {
  return digits.replace(/\d/g, (digit) => String.fromCodePoint(0x2080 + Number(digit)));
}

/** The sign of an operation as it is on the board. */
export function signOf(node) {
  const exponent = node.static?.exponent;
  if (node.operation === "power" && exponent !== undefined) {
    return Number.isInteger(exponent) ? `x${raised(exponent)}` : `x^${writeNumber(exponent, 3)}`;
  }
  const signs = { add: "+", sub: "−", mul: "×", div: "÷", neg: "−", pow: "xʸ", total: "Σ", dot: "w·x", maximum: "max", minimum: "min", absolute: "|x|", sqrt: "√", leaky_relu: "leaky" };
  return signs[node.operation] ?? node.operation ?? "";
}

/** A text of no more letters than there is room for. */
export function clipped(text, most) {
  return text.length > most ? `${text.slice(0, Math.max(1, Math.floor(most) - 1))}…` : text;
}

const VARIABLE = /^[\p{L}_][\p{L}\p{N}_]*(\[[\d, ]+\])?'*$/u;

/** A small change of what has this name, around what stands for the name: dx, d(df/dx). */
export function differential(name, shown = name) {
  return VARIABLE.test(name) ? ["d", shown] : ["d(", shown, ")"];
}

/** A derivative, by the names of what is above and below: dL/dw, d(df/dx)/dx. */
export function ratio(above, below) {
  return [...differential(above), "/", ...differential(below)].join("");
}
