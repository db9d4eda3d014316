/**
 * The functions of floats that rules are made of, with the engine's answers: engine/ieee.py, again.
 *
 * Arithmetic and what compares are the same to the last bit. The rest is the browser's Math, which may differ from
 * Python's in the last digit or two.
 */

const SQRT2 = Math.SQRT2;

function larger(a, b) {
  return a > b || a !== a ? a : b;
}

function smaller(a, b) {
  return a < b || a !== a ? a : b;
}

/** The nearest whole number, the even one of two; of the sign of x, a zero too. */
function nearestEven(x) {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  if (x < 0 || Object.is(x, -0)) return -nearestEven(-x);
  const below = Math.floor(x);
  const rest = x - below;
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
}

/** What a // b leaves, of the sign of b. */
function modulo(a, b) {
  const rest = a % b;
  if (rest === 0) return b < 0 || Object.is(b, -0) ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

function floorDivided(a, b) {
  if (b === 0) return a / b;
  const rest = a % b;
  const isOff = rest !== 0 && rest < 0 !== b < 0;
  const quotient = (a - rest) / b - (isOff ? 1 : 0);
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const whole = Math.floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

/** x to the power of y, as C has it: 1 for x = 1 and any y, and for x = -1 and an infinite one. */
function raisedTo(x, y) {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  return x ** y;
}

function logistic(x) {
  const small = Math.exp(-Math.abs(x));
  return (x > 0 ? 1 : small) / (1 + small);
}

function polynomial(coefficients, x) {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}

// The error function and its complement, by rational approximations on five intervals.
// Source: Sun Microsystems, fdlibm, s_erf.c (1993), whose names these are.
const ERX = 8.45062911510467529297e-1;
const EFX8 = 1.02703333676410069053;
const PP = [1.28379167095512558561e-1, -3.25042107247001499370e-1, -2.84817495755985104766e-2, -5.77027029648944159157e-3,
  -2.37630166566501626084e-5];
const QQ = [1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3, 1.32494738004321644526e-4,
  -3.96022827877536812320e-6];
const PA = [-2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1, 3.18346619901161753674e-1,
  -1.10894694282396677476e-1, 3.54783043256182359371e-2, -2.16637559486879084300e-3];
const QA = [1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2, 1.26171219808761642112e-1,
  1.36370839120290507362e-2, 1.19844998467991074170e-2];
const RA = [-9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1, -6.23753324503260060396e1,
  -1.62396669462573470355e2, -1.84605092906711035994e2, -8.12874355063065934246e1, -9.81432934416914548592];
const SA = [1, 1.96512716674392571292e1, 1.37657754143519042600e2, 4.34565877475229228821e2, 6.45387271733267880336e2,
  4.29008140027567833386e2, 1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2];
const RB = [-9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1, -1.60636384855821916062e2,
  -6.37566443368389627722e2, -1.02509513161107724954e3, -4.83519191608651397019e2];
const SB = [1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3,
  2.55305040643316442583e3, 4.74528541206955367215e2, -2.24409524465858183362e1];

/** Without the lower half of its digits, so that its square is exact. */
const upperHalf = new DataView(new ArrayBuffer(8));

function rounded32(x) {
  upperHalf.setFloat64(0, x);
  upperHalf.setUint32(4, 0);
  return upperHalf.getFloat64(0);
}

/** erfc of a number from 1.25 on. */
function tail(x) {
  const square = 1 / (x * x);
  const [r, s] = x < 1 / 0.35 ? [RA, SA] : [RB, SB];
  const z = rounded32(x);
  return (Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + polynomial(r, square) / polynomial(s, square))) / x;
}

function erf(x) {
  const size = Math.abs(x);
  if (size !== size) return x;
  if (size < 0.84375) {
    if (size < 2 ** -28) return 0.125 * (8 * x + EFX8 * x);
    return x + x * (polynomial(PP, x * x) / polynomial(QQ, x * x));
  }
  const sign = x < 0 ? -1 : 1;
  if (size < 1.25) return sign * (ERX + polynomial(PA, size - 1) / polynomial(QA, size - 1));
  return sign * (size < 6 ? 1 - tail(size) : 1);
}

function erfc(x) {
  const size = Math.abs(x);
  if (size !== size) return x;
  if (size < 0.84375) {
    if (size < 2 ** -56) return 1 - x;
    const y = polynomial(PP, x * x) / polynomial(QQ, x * x);
    return x < 0.25 ? 1 - (x + x * y) : 0.5 - (x - 0.5 + x * y);
  }
  if (size < 1.25) {
    const y = ERX + polynomial(PA, size - 1) / polynomial(QA, size - 1);
    return x < 0 ? 1 + y : 1 - y;
  }
  if (x < 0) return size < 6 ? 2 - tail(size) : 2;
  return x < 28 ? tail(x) : 0;
}

const DEGREE = Math.PI / 180;

/** Each by its name on the tape of a rule. */
export const FLOATS = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  neg: (a) => -a,
  div: (a, b) => a / b,
  floor_divide: floorDivided,
  mod: modulo,
  power: raisedTo,
  absolute: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  rint: nearestEven,
  step: (x) => (x > 0 ? 1 : x !== x ? x : 0),
  maximum: larger,
  minimum: smaller,
  largest: (...xs) => xs.reduce(larger),
  smallest: (...xs) => xs.reduce(smaller),
  total: (...xs) => xs.reduce((sum, x) => sum + x, 0),
  equal: (a, b) => (a === b ? 1 : 0),
  select: (condition, a, b) => (condition !== 0 ? a : b),
  sigmoid: logistic,
  normal_cdf: (x) => 0.5 * erfc(-x / SQRT2),
  erf,
  erfc,
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atan2: Math.atan2,
  atanh: Math.atanh,
  cbrt: Math.cbrt,
  copysign: (size, sign) => (sign < 0 || Object.is(sign, -0) ? -Math.abs(size) : Math.abs(size)),
  cos: Math.cos,
  cosh: Math.cosh,
  degrees: (x) => x * (180 / Math.PI),
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  fabs: Math.abs,
  hypot: Math.hypot,
  log: Math.log,
  log10: Math.log10,
  log1p: Math.log1p,
  log2: Math.log2,
  radians: (x) => x * DEGREE,
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
};
