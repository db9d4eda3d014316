/** The screen on which the next number is asked before it is shown, and the answer judged. */

import { h } from "./dom.js";
import { judge } from "./judge.js";
import { onBoard } from "./numbers.js";
import { questionAt } from "./question.js";
import { NO_SCORE, scored, scoreInWords } from "./score.js";
import { nextStop } from "./state.js";

const FRESH = { score: NO_SCORE, furthest: { index: -1, beat: 0 }, verdict: null };
const DOTS = 5;

export const predict = {
  id: "predict",
  title: "Predict",
  create(app) {
    const drill = app.document.options.questions ?? null;
    const known = h("p", { class: "cg-known" });
    const input = h("input", { class: "cg-answer", type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      enterkeyhint: "go", "aria-describedby": "cg-verdict" });
    const asks = h("label", { class: "cg-asks" });
    const check = h("button", { class: "cg-check", type: "submit" }, "Check");
    const form = h("form", { class: "cg-question" }, asks, h("div", { class: "cg-answer-row" }, input, check));
    input.id = "cg-answer";
    asks.htmlFor = input.id;
    const verdict = h("p", { class: "cg-verdict", id: "cg-verdict", role: "status", "aria-live": "polite" });
    const dots = h("span", { class: "cg-streak", "aria-hidden": "true" });
    const words = h("span", { class: "cg-score-words" });
    const reveal = h("button", { class: "cg-reveal", type: "button", onclick: () => giveUp() }, "Show it to me");
    const start = h("button", { class: "cg-check", type: "button", onclick: () => begin() }, "Start predicting");
    const goOn = h("button", { class: "cg-check", type: "button", onclick: () => advance() }, "Go on");
    const element = h("div", { class: "cg-predict" }, known, form, start, goOn, verdict, reveal,
      h("p", { class: "cg-score" }, dots, words));

    const kept = () => app.state().kept.predict ?? FRESH;
    const keep = (value) => app.dispatch({ type: "keep", screen: "predict", value: { ...kept(), ...value } });
    let shown = null; // the question that the field is for

    function begin() {
      app.dispatch({ type: "predict", on: true });
      input.focus();
    }

    function advance() {
      if (drill) app.request("next", {});
      else app.dispatch({ type: "step", answered: true });
      input.focus();
    }

    /** The score with this first answer to a question; a question that was scored before is not scored again. */
    function counted({ to }, isRight) {
      const { score, furthest } = kept();
      if (to.index < furthest.index || (to.index === furthest.index && to.beat <= furthest.beat)) return {};
      app.request("answered", { right: isRight });
      return { score: scored(score, isRight), furthest: to };
    }

    function answer(event) {
      event.preventDefault();
      const question = questionAt(app.state(), drill);
      if (!question || !input.value.trim()) return;
      const said = judge(input.value, { ...question, trace: app.state().trace });
      const counts = said.kind === "not a number" ? {} : counted(question, said.right);
      keep({ ...counts, verdict: { ...said, given: input.value.trim() } });
      if (said.right) app.dispatch({ type: "goto", ...question.to, answered: true });
      input.focus();
      input.select();
    }

    function giveUp() {
      const question = questionAt(app.state(), drill);
      if (!question) return;
      keep({ ...counted(question, false), verdict: { right: false, kind: "shown", sentence: "There it is: follow how it came about." } });
      app.dispatch({ type: "goto", ...question.to, answered: true });
      input.focus();
    }

    form.addEventListener("submit", answer);
    input.addEventListener("keydown", (event) => event.stopPropagation()); // or letters and arrows would be commands
    return {
      element,
      update(state) {
        const question = state.predicting ? questionAt(state, drill) : null;
        const isEnd = drill ? !question : !nextStop(state);
        const { score, verdict: said } = kept();
        form.hidden = reveal.hidden = !question;
        start.hidden = state.predicting || isEnd;
        goOn.hidden = drill ? !isEnd : !state.predicting || Boolean(question) || isEnd;
        goOn.textContent = drill ? "Next graph" : "Go on";
        known.textContent = question ? question.known : whyNoQuestion(state, drill, isEnd);
        known.hidden = !known.textContent;
        const asked = question ? `${question.event.node} ${question.event.position} ${question.asked}` : null;
        if (asked !== shown) {
          shown = asked;
          input.value = "";
        }
        if (question) asks.textContent = question.asks;
        verdict.textContent = said ? sentenceOf(said, state) : "";
        verdict.dataset.kind = said ? said.kind : "";
        verdict.dataset.title = said ? titleOf(said) : "";
        words.textContent = scoreInWords(score);
        dots.replaceChildren(...Array.from({ length: DOTS }, (_, i) => h("i", { class: i < score.streak ? "cg-on" : "" })));
      },
    };
  },
};

/** What the kind of a mistake is called above its sentence; the kinds that are sentences themselves have no title. */
function titleOf({ kind, given }) {
  return kind === "right" ? `${given} is right` : (TITLES[kind] ?? kind[0].toUpperCase() + kind.slice(1));
}

const TITLES = { "not a number": "No number", rough: "Nearly", slip: "Nearly", wrong: "Not this", shown: "Shown", "decimal point": "Nearly" };

function sentenceOf({ right, sentence }, state) {
  const event = state.trace.events[state.index - 1];
  return right && state.beat === 0 && event ? onBoard(event.sentence) : right ? "" : sentence;
}

function whyNoQuestion(state, drill, isEnd) {
  if (drill) return "That is all of this graph.";
  if (isEnd) return "That was the last number: go back to predict once more.";
  if (!state.predicting) return "The next number is hidden until you have predicted it, and a wrong answer is told what it forgot.";
  return "What happens inside of the folded box is not asked: open it to predict it.";
}
