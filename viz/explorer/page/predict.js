/** The screen on which the next number is asked before it is shown, and the answer judged. */

import { h } from "./dom.js";
import { judge } from "./judge.js";
import { questionAt } from "./question.js";
import { NO_SCORE, scored, scoreInWords } from "./score.js";
import { nextStop } from "./state.js";
import { typeset } from "./typeset.js";

const FRESH = { score: NO_SCORE, furthest: { index: -1, beat: 0 }, verdict: null }; // verdict.at: where it is shown
const DOTS = 5; // of a streak

let forms = 0; // how many there have been on the page, so that ids are unique

export const predict = {
  id: "predict",
  title: "Predict",
  create(app) {
    const drill = app.document.options.questions ?? null;
    const number = (forms += 1);
    const known = h("p", { class: "cg-known" });
    const input = h("input", { class: "cg-answer", type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      enterkeyhint: "go", id: `cg-answer-${number}`, "aria-describedby": `cg-verdict-${number}` });
    const asks = h("label", { class: "cg-asks", for: input.id });
    const check = h("button", { class: "cg-check", type: "submit" }, "Check");
    const form = h("form", { class: "cg-question" }, asks, h("div", { class: "cg-answer-row" }, input, check));
    const verdictText = h("p", { class: "cg-verdict", id: `cg-verdict-${number}`, role: "status", "aria-live": "polite" });
    const dots = h("span", { class: "cg-streak", "aria-hidden": "true" });
    const words = h("span", { class: "cg-score-words" });
    const reveal = h("button", { class: "cg-reveal", type: "button", onclick: () => giveUp() }, "Show it to me");
    const start = h("button", { class: "cg-check", type: "button", onclick: () => app.dispatch({ type: "predict", on: true }) }, "Start predicting");
    const goOn = h("button", { class: "cg-check", type: "button", onclick: () => advance() }, "Go on");
    const element = h("div", { class: "cg-predict" }, known, form, start, goOn, verdictText, reveal,
      h("p", { class: "cg-score", hidden: Boolean(drill) }, dots, words));

    const kept = () => app.state().kept.predict ?? FRESH;
    const keep = (value) => app.dispatch({ type: "keep", screen: "predict", value: { ...kept(), ...value } });
    let shown = null; // the question that the field is for
    let insisted = 0; // how often somebody wanted to go on when this was last shown

    function advance() {
      if (drill) app.request("next", {});
      else app.dispatch({ type: "step", answered: true });
      input.focus();
    }

    /** The score with this first answer to a question; a question that was scored before is not scored again. */
    function counted({ to }, isRight) {
      const { score, furthest } = kept();
      if (to.index < furthest.index || (to.index === furthest.index && to.beat <= furthest.beat)) return {};
      if (drill) app.request("answered", { right: isRight });
      return { score: scored(score, isRight), furthest: to };
    }

    function conclude(question, counts, verdict) {
      keep({ ...counts, verdict: { ...verdict, at: question.to } });
      app.dispatch({ type: "goto", ...question.to, answered: true });
    }

    function answer(event) {
      event.preventDefault();
      const question = questionAt(app.state(), drill);
      const given = input.value.trim();
      if (!question || !given) return;
      const said = judge(given, { ...question, trace: app.state().trace });
      const counts = said.kind === "not a number" ? {} : counted(question, said.right);
      const { index, beat } = app.state();
      if (said.right) conclude(question, counts, { ...said, given, sentence: question.told });
      else keep({ ...counts, verdict: { ...said, given, at: { index, beat } } });
      input.focus();
      input.select();
    }

    function giveUp() {
      const question = questionAt(app.state(), drill);
      if (!question) return;
      conclude(question, counted(question, false), { right: false, kind: "shown", sentence: question.told });
      input.focus();
    }

    form.addEventListener("submit", answer);
    input.addEventListener("keydown", (event) => event.stopPropagation()); // or letters and arrows would be commands
    return {
      element,
      update(state) {
        const question = state.predicting ? questionAt(state, drill) : null;
        const isEnd = drill ? !question : !nextStop(state);
        const { score, verdict } = kept();
        const said = verdict && verdict.at.index === state.index && verdict.at.beat === state.beat ? verdict : null;
        form.hidden = reveal.hidden = !question;
        start.hidden = state.predicting || isEnd;
        goOn.hidden = drill ? !isEnd : !state.predicting || Boolean(question) || isEnd;
        goOn.textContent = drill ? "Next graph" : "Go on";
        const write = (place, text) => place.replaceChildren(...typeset(text, state.trace));
        write(known, question ? question.known : whyNoQuestion(state, drill, isEnd));
        known.hidden = !known.textContent;
        const asked = question ? `${question.event.node} ${question.event.position} ${question.asked}` : null;
        if (asked !== shown) {
          shown = asked;
          input.value = "";
        }
        if (question) write(asks, question.asks);
        write(verdictText, said ? said.sentence : "");
        verdictText.dataset.kind = said ? said.kind : "";
        verdictText.dataset.title = said ? titleOf(said) : "";
        words.textContent = scoreInWords(score);
        dots.replaceChildren(...streakDots(score.streak, DOTS));
        if (state.insisted !== insisted) input.focus();
        insisted = state.insisted;
      },
    };
  },
};

/** What stands above the sentence: the kind of mistake, where it has a name. */
function titleOf({ kind, given }) {
  if (kind === "right") return `${given} is right`;
  return UNNAMED.has(kind) ? "" : kind[0].toUpperCase() + kind.slice(1);
}

const UNNAMED = new Set(["rough", "decimal point", "slip", "wrong", "not a number", "shown"]);

/** A streak to look at: so many dots, those of them filled that are right. */
export function streakDots(streak, count) {
  return Array.from({ length: count }, (_, i) => h("i", { class: i < streak ? "cg-on" : null }));
}

function whyNoQuestion(state, drill, isEnd) {
  if (drill) return "That is all of this graph.";
  if (isEnd) return "That was the last number: go back to predict once more.";
  if (!state.predicting) return "The next number is hidden until you have predicted it, and a wrong answer is told what it forgot.";
  return "What happens inside of the folded box is not asked: open it to predict it.";
}
