/**
 * The registry of screens: what stands in the panel on the right, one at a time.
 *
 * A screen is {id, title, create(app) -> {element, update(state), destroy?()}}. To add one, import it here and name
 * it in the list.
 */

import { breaking } from "./breaking.js";
import { checking } from "./checking.js";
import { healing } from "./healing.js";
import { nudge } from "./nudge.js";
import { pathlist } from "./pathlist.js";
import { predict } from "./predict.js";
import { step } from "./step.js";
import { updating } from "./updating.js";

export const screens = [step, predict, nudge, breaking, pathlist, checking, updating, healing];

/** Those that show no number before its time. */
export const discreet = [step, predict];
