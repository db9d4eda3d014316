/**
 * The mistakes that people make with the chain rule, and what to say to each. What stands between the brackets is JSON:
 * viz/drills/judging.py reads it too, so that a page and Python judge alike.
 *
 *     asked     which number of a step was asked: "result" (forward), "gradient" (the seed), "local", "contribution"
 *               or "after" (backward), as the trace calls them
 *     number    what such a mistake comes to: sums of products of the step's numbers (judge.js names them)
 *     each      where any of several numbers would do, what these are: "others" (operands), "terms" or "values"
 *     sentence  what to do about it
 *
 * Where two mistakes come to the same number, the first is named: they stand in the order of how many steps were right,
 * so that nobody is told off for more than the answer shows.
 */

export const MISTAKES = [
  {"kind": "overwrote", "asked": ["after"], "number": ["contribution"],
   "sentence": "{answer} is this contribution alone, but {operand} is used {expected} times: add it to the {before} that is there."},
  {"kind": "added twice", "asked": ["after"], "number": ["before + 2 * contribution"],
   "sentence": "{answer} has this contribution in it twice: add it once to the {before} that is there."},
  {"kind": "forgot to add", "asked": ["after"], "number": ["before"],
   "sentence": "{answer} is what was there before: add d{output}/d{node} × d{node}/d{operand} to it."},
  {"kind": "added too soon", "asked": ["contribution"], "number": ["after"],
   "sentence": "{answer} is the sum with what was there before: asked is this contribution alone."},
  {"kind": "too far", "asked": ["local"], "number": ["contribution"],
   "sentence": "{answer} has the upstream gradient in it already: asked is d{node}/d{operand} alone."},

  {"kind": "sign", "asked": ["local"], "number": ["-1 * local"],
   "sentence": "The size is right, the sign is not: does {node} grow or shrink as {operand} grows?"},
  {"kind": "sign", "asked": ["contribution"], "number": ["-1 * contribution"],
   "sentence": "The size is right, the sign is not: look at the signs of d{output}/d{node} and of d{node}/d{operand}."},
  {"kind": "sign", "asked": ["after"], "number": ["before + -1 * contribution", "-1 * after"],
   "sentence": "A sign is wrong: look at those of d{output}/d{node}, of d{node}/d{operand}, and of what is there."},
  {"kind": "swapped operand", "asked": ["result"], "number": ["reversed"],
   "sentence": "{answer} has the operands the wrong way round: it is {formula}."},
  {"kind": "sign", "asked": ["result"], "number": ["-1 * result"],
   "sentence": "The size is right, the sign is not: look at the signs in {formula}."},

  {"kind": "forgot upstream", "asked": ["after"], "number": ["before + local", "local"],
   "sentence": "{answer} leaves the upstream gradient out: multiply d{node}/d{operand} by d{output}/d{node} = {upstream}."},
  {"kind": "forgot upstream", "asked": ["contribution"], "number": ["local"],
   "sentence": "{answer} is the local derivative alone: multiply it by the upstream gradient, d{output}/d{node} = {upstream}."},
  {"kind": "swapped operand", "asked": ["after"], "each": "others",
   "number": ["before + upstream * other", "upstream * other"],
   "sentence": "{answer} is what {other_name} gets: for {operand} the local derivative is d{node}/d{operand} = {rule}."},
  {"kind": "swapped operand", "asked": ["contribution"], "each": "others", "number": ["upstream * other"],
   "sentence": "{answer} is what {other_name} gets: for {operand} the local derivative is d{node}/d{operand} = {rule}."},
  {"kind": "swapped operand", "asked": ["local"], "each": "others", "number": ["other"],
   "sentence": "{answer} is d{node}/d{other_name}, that of the other operand: let only {operand} change."},
  {"kind": "upstream only", "asked": ["after"], "number": ["before + upstream", "upstream"],
   "sentence": "{answer} leaves the local derivative out: multiply d{output}/d{node} by d{node}/d{operand} = {rule}."},
  {"kind": "upstream only", "asked": ["contribution"], "number": ["upstream"],
   "sentence": "{answer} is the upstream gradient alone: multiply it by the local derivative, d{node}/d{operand} = {rule}."},
  {"kind": "upstream only", "asked": ["local"], "number": ["upstream"],
   "sentence": "{answer} is the upstream gradient, d{output}/d{node}: asked is how {node} changes with {operand}."},
  {"kind": "plus for times", "asked": ["after"], "number": ["before + upstream + local", "upstream + local"],
   "sentence": "Upstream and local are multiplied, not added: only then add it to the {before} that is there."},
  {"kind": "plus for times", "asked": ["contribution"], "number": ["upstream + local"],
   "sentence": "{answer} is the sum of the upstream gradient and the local derivative: multiply them."},

  {"kind": "forgot to add", "asked": ["result"], "each": "terms", "number": ["result + -1 * term"],
   "sentence": "{answer} lacks one term of {formula}: add all of them."},
  {"kind": "wrong operation", "asked": ["result"], "number": ["confused"],
   "sentence": "{answer} comes of another operation: it is {formula}."},
  {"kind": "value", "asked": ["result"], "each": "values", "number": ["value"],
   "sentence": "{answer} is what {value_name} was before this step: it is {formula}."},
  {"kind": "value", "asked": ["gradient"], "number": ["output_data"],
   "sentence": "{answer} is the value of {output}: asked is how much {output} changes for a change of {output}."},
  {"kind": "value", "asked": ["local", "contribution", "after"], "each": "values", "number": ["value"],
   "sentence": "{answer} is the value of {value_name}, not a derivative."}
];

/** What is said of other answers. Each is looked at in turn; the first that is about the number asked is meant. */
export const OTHERWISE = [
  {"kind": "right", "sentence": "Right."},
  {"kind": "rough", "sentence": "Nearly: give more digits."},
  {"kind": "decimal point", "sentence": "The digits are right: look where the decimal point belongs."},
  {"kind": "slip", "asked": ["result"], "sentence": "Near: work {formula} out once more."},
  {"kind": "slip", "asked": ["gradient"], "sentence": "Near: as {output} changes, {output} changes by just as much."},
  {"kind": "slip", "asked": ["local"], "sentence": "Near: work d{node}/d{operand} = {rule} out once more."},
  {"kind": "slip", "asked": ["contribution"],
   "sentence": "Near: work d{output}/d{node} × d{node}/d{operand} out once more."},
  {"kind": "slip", "asked": ["after"],
   "sentence": "Near: work {before} + d{output}/d{node} × d{node}/d{operand} out once more."},
  {"kind": "wrong", "asked": ["result"], "sentence": "Not this: put the numbers into {formula}."},
  {"kind": "wrong", "asked": ["gradient"], "sentence": "Not this: as {output} changes, {output} changes by just as much."},
  {"kind": "wrong", "asked": ["local"],
   "sentence": "Not this: how fast does {node} = {formula} change when {operand} alone does?"},
  {"kind": "wrong", "asked": ["contribution"],
   "sentence": "Not this: multiply d{output}/d{node} = {upstream} by the local derivative d{node}/d{operand} = {rule}."},
  {"kind": "wrong", "asked": ["after"],
   "sentence": "Not this: multiply d{output}/d{node} = {upstream} by d{node}/d{operand} = {rule}, and add it to {before}."},
  {"kind": "not a number", "sentence": "“{typed}” is no number: write one such as −3, 0.25, 1/3 or 2e-3."}
];
