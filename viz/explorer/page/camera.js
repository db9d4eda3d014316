/** Where one looks at a picture from: fit, zoom, pan, and following what happens where the whole is too small to read. */

const PAD = 22;
const FOOT = 40; // for the buttons below the picture
const LARGEST = 1.75; // of a picture that fits; by hand one may come nearer
const LEGIBLE = 0.45; // a picture that fits at this scale or a larger one is not followed
const FOLLOWED = 0.75;
const [NEAREST, FARTHEST] = [4, 0.05];

/** The scale at which a picture fits a room. */
export function fitting(layout, room) {
  const scale = Math.min((room.width - 2 * PAD) / layout.width, (room.height - 2 * PAD - FOOT / 2) / layout.height, LARGEST);
  return Math.max(scale, FARTHEST);
}

/** The direction of a view in which it is larger in a room: "LR" or "TB". */
export function bestDirection(view, room) {
  if (!view.TB || !view.LR) return view.LR ? "LR" : "TB";
  return fitting(view.TB, room) > 1.12 * fitting(view.LR, room) ? "TB" : "LR";
}

/**
 * A camera over a ground in which a picture with a width and a height lies.
 *
 * The picture is moved as a whole, by CSS: moved inside of the SVG, all its texts would be laid out anew at each step.
 */
export function createCamera(ground, picture) {
  let layout = null;
  let measured = null; // the size of the ground, as long as nobody changes it
  let at = { x: 0, y: 0, scale: 1 };
  let mode = "auto"; // or "whole", where somebody wants to see all of it, or "hand", once somebody has zoomed or panned

  const room = () => {
    if (!measured) {
      const { width, height } = ground.getBoundingClientRect();
      measured = { width: width || 640, height: height || 400 };
    }
    return measured;
  };

  function put(next) {
    if (next.x === at.x && next.y === at.y && next.scale === at.scale) return;
    at = next;
    picture.style.transform = `translate(${at.x}px, ${at.y}px) scale(${at.scale})`;
  }

  function centred(scale, x, y) {
    const { width, height } = room();
    const within = (size, length, middle) => {
      const extent = length * scale + 2 * PAD;
      if (extent <= size) return (size - length * scale) / 2;
      return Math.min(PAD, Math.max(size - length * scale - PAD, size / 2 - middle * scale));
    };
    return { scale, x: within(width, layout.width, x), y: within(height - FOOT / 2, layout.height, y) };
  }

  function zoom(factor, x = room().width / 2, y = room().height / 2) {
    mode = "hand";
    const scale = Math.min(NEAREST, Math.max(FARTHEST, at.scale * factor));
    const ratio = scale / at.scale;
    put({ scale, x: x - (x - at.x) * ratio, y: y - (y - at.y) * ratio });
  }

  function jump(change) {
    ground.classList.add("is-jumping");
    change();
    requestAnimationFrame(() => requestAnimationFrame(() => ground.classList.remove("is-jumping")));
  }

  let grip = null;
  const fingers = new Map();
  ground.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    grip = { x: event.clientX - at.x, y: event.clientY - at.y, moved: false, startX: event.clientX, startY: event.clientY };
  });
  ground.addEventListener("pointermove", (event) => {
    if (!grip || !fingers.has(event.pointerId)) return;
    const before = [...fingers.values()];
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) {
      const after = [...fingers.values()];
      const apart = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      const box = ground.getBoundingClientRect();
      zoom(apart(after) / apart(before), (after[0].clientX + after[1].clientX) / 2 - box.left, (after[0].clientY + after[1].clientY) / 2 - box.top);
      return;
    }
    if (!grip.moved && Math.hypot(event.clientX - grip.startX, event.clientY - grip.startY) < 5) return;
    if (!grip.moved) ground.setPointerCapture(event.pointerId);
    grip.moved = true;
    mode = "hand";
    ground.classList.add("is-dragged");
    put({ ...at, x: event.clientX - grip.x, y: event.clientY - grip.y });
  });
  const release = (event) => {
    fingers.delete(event.pointerId);
    grip = null;
    ground.classList.remove("is-dragged");
  };
  ground.addEventListener("pointerup", release);
  ground.addEventListener("pointercancel", release);
  ground.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !ground.closest(".chalkgrad").matches(":focus-within, .is-page")) return;
    event.preventDefault();
    const box = ground.getBoundingClientRect();
    jump(() => zoom(Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top));
  }, { passive: false });

  return {
    room,
    zoom,
    /** Look at the whole; once more, and where that is too small to read, at one place of it. */
    fit(middle = null) {
      mode = mode === "whole" ? "auto" : "whole";
      this.look(middle);
    },
    look(middle) {
      const scale = fitting(layout, room());
      if (mode === "hand") {
        if (middle) this.reveal(middle);
      } else if (scale >= LEGIBLE || !middle || mode === "whole") put(centred(scale, layout.width / 2, layout.height / 2));
      else put(centred(FOLLOWED, middle.x, middle.y));
    },
    reveal({ x, y }) {
      const { width, height } = room();
      const [left, top] = [at.x + x * at.scale, at.y + y * at.scale];
      const beyond = (place, size) => (place < 90 ? 90 - place : place > size - 90 ? size - 90 - place : 0);
      put({ ...at, x: at.x + beyond(left, width), y: at.y + beyond(top, height) });
    },
    open(next) {
      layout = next;
      mode = "auto";
      picture.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
      picture.setAttribute("width", layout.width);
      picture.setAttribute("height", layout.height);
      jump(() => this.look(null));
    },
    /** The ground has another size now. */
    resized() {
      measured = null;
    },
    jump,
  };
}
