/** The screen of the step: what happens now, beat by beat, and the node that is selected. */

import { h } from "./dom.js";
import { writeNumber } from "./numbers.js";
import { move, narration } from "./words.js";

export const step = {
  id: "step",
  title: "Step",
  create() {
    const element = h("div", { class: "cg-step" });
    return {
      element,
      update(state) {
        const event = state.trace.events[state.stop.event];
        const node = state.trace.node(state.selected ?? event?.operand ?? event?.node ?? state.trace.output);
        element.replaceChildren(
          h("p", {}, narration(state)),
          h("p", {}, event ? move(event.operation) : ""),
          h("dl", {}, ...[
            ["node", node.name],
            ["value", writeNumber(state.known.data.get(node.id))],
            ["gradient", writeNumber(state.known.gradient.get(node.id))],
          ].flatMap(([term, text]) => [h("dt", {}, term), h("dd", {}, text)])),
        );
      },
    };
  },
};
