/** The picture as a file of its own. */

const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "stroke-linecap",
  "stroke-linejoin", "font-family", "font-size", "font-style", "font-weight", "text-anchor", "opacity", "paint-order"];

/** The picture as the text of an SVG that needs no style sheet: as large as the whole graph, however one looks at it. */
export function pictureOf(svg, background) {
  const world = svg.querySelector(".cg-world");
  const { x, y, width, height } = world.getBBox();
  const copy = svg.cloneNode(true);
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    const computed = getComputedStyle(originals[i]);
    for (const name of STYLES) element.setAttribute(name, computed.getPropertyValue(name));
    element.removeAttribute("class");
    element.removeAttribute("style");
  });
  const pad = 16;
  const box = [x - pad, y - pad, width + 2 * pad, height + 2 * pad].map((number) => number.toFixed(1));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", box.join(" "));
  copy.setAttribute("width", box[2]);
  copy.setAttribute("height", box[3]);
  copy.removeAttribute("class");
  copy.removeAttribute("style");
  copy.style.background = background;
  return new XMLSerializer().serializeToString(copy);
}

/** Give a text to the reader as a file. */
export function download(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
