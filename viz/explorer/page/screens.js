/**
 * The registry of screens: what stands in the panel on the right, one at a time.
 *
 * A screen is {id, title, create(app) -> {element, update(state), destroy?()}}. To add one, import it here and name
 * it in the list.
 */

import { predict } from "./predict.js";
import { step } from "./step.js";

export const screens = [step, predict];
