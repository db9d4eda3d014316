/** Elements in few words. */

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element: h("button", {class: "key", onclick: step}, "Step"). */
export function h(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** A function that puts classes on elements in the place of those that it put there before; what is no text is none. */
export function dresser(...elements) {
  let worn = [];
  return (...classes) => {
    const next = classes.filter((each) => typeof each === "string");
    if (next.join() === worn.join()) return;
    for (const { classList } of elements) {
      classList.remove(...worn);
      classList.add(...next);
    }
    worn = next;
  };
}
