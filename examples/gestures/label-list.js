// The list of labels: each with its samples as little pictures, its probability, and the button that teaches it.

/** Hues that lie far apart, whatever their number: the golden angle. */
const hueOf = (i) => (255 + 137.5 * i) % 360;

export class LabelList {
  #list;
  #listener;
  #items = new Map();

  /** @param listener its `taught(name)` and `removed(name)` are told which button was pressed */
  constructor(list, listener) {
    this.#list = list;
    this.#listener = listener;
  }

  /** Labels and samples that are there already stay as they are. */
  show(samples) {
    for (const [name, item] of this.#items) {
      if (samples.has(name)) continue;
      item.remove();
      this.#items.delete(name);
    }
    for (const [name, strokes] of samples) {
      if (!this.#items.has(name)) this.#items.set(name, this.#add(name));
      const shown = this.#items.get(name).querySelector(".samples");
      if (shown.childElementCount > strokes.length || strokes.length === 0) shown.replaceChildren();
      if (strokes.length === 0) shown.textContent = "no samples yet";
      else if (shown.childElementCount === 0) shown.textContent = "";
      for (const stroke of strokes.slice(shown.childElementCount)) shown.append(pictureOf(stroke));
    }
    [...this.#items.values()].forEach((item, i) => {
      item.style.setProperty("--hue", hueOf(i));
    });
  }

  /** @param probabilities by name; undefined where there are none */
  showProbabilities(probabilities) {
    for (const [name, item] of this.#items) {
      const probability = probabilities?.get(name);
      item.querySelector(".bar").style.transform = `scaleX(${probability ?? 0})`;
      item.querySelector(".percent").textContent =
        probability === undefined ? "" : `${Math.round(100 * probability)} %`;
    }
  }

  /** Whether there is a stroke to be taught. */
  set teachable(can) {
    for (const item of this.#items.values()) item.querySelector(".teach").disabled = !can;
  }

  colorOf(name) {
    return getComputedStyle(this.#items.get(name).querySelector(".name")).color;
  }

  #add(name) {
    const item = document.createElement("li");
    const teach = element("button", "teach");
    teach.append(
      element("span", "name", name),
      element("span", "percent"),
      element("span", "samples"),
      element("span", "bar"),
    );
    teach.disabled = true;
    teach.onclick = () => this.#listener.taught(name);
    const remove = element("button", "remove", "×");
    remove.setAttribute("aria-label", `Remove ${name}`);
    remove.onclick = () => this.#listener.removed(name);
    item.append(teach, remove);
    this.#list.append(item);
    return item;
  }
}

function element(tag, className, textContent = "") {
  return Object.assign(document.createElement(tag), { className, textContent });
}

function pictureOf(stroke) {
  const namespace = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(namespace, "svg");
  picture.setAttribute("viewBox", "-60 -60 120 120");
  const line = document.createElementNS(namespace, "polyline");
  line.setAttribute("points", stroke.map((each) => Math.round(50 * each)).join(" "));
  picture.append(line);
  return picture;
}
