// The pad: what mouse, finger or pen draw on it, as strokes of [x, y] in pixels.

export class Pad {
  #canvas;
  #points = [];
  #pointer;

  /** @param listener its `moved(points)` is told while a stroke is drawn, `ended(points)` when it is complete */
  constructor(canvas, listener) {
    this.#canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => {
      if (this.#pointer !== undefined || event.button !== 0) return;
      this.#pointer = event.pointerId;
      this.#points = [];
      this.#add(event);
      listener.moved(this.#points);
    });
    // a stroke may leave the pad, and come back
    window.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.#pointer) return;
      const all = event.getCoalescedEvents?.() ?? [];
      for (const each of all.length > 0 ? all : [event]) this.#add(each);
      listener.moved(this.#points);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      window.addEventListener(end, (event) => {
        if (event.pointerId !== this.#pointer) return;
        this.#pointer = undefined;
        listener.ended(this.#points);
      });
    }
    new ResizeObserver(() => this.#fit()).observe(canvas);
  }

  get points() {
    return this.#points;
  }

  clear() {
    this.#points = [];
    this.draw();
  }

  #add({ clientX, clientY }) {
    const { left, top } = this.#canvas.getBoundingClientRect();
    this.#points.push([clientX - left, clientY - top]);
  }

  /** As many pixels as the screen has. */
  #fit() {
    this.#canvas.width = this.#canvas.clientWidth * devicePixelRatio;
    this.#canvas.height = this.#canvas.clientHeight * devicePixelRatio;
    this.draw();
  }

  /** The stroke in the canvas' own color, its beginning thin. */
  draw() {
    const pen = this.#canvas.getContext("2d");
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    pen.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    pen.strokeStyle = getComputedStyle(this.#canvas).color;
    pen.lineCap = "round";
    for (let i = 1; i < this.#points.length; i++) {
      pen.lineWidth = 4 + 6 * Math.min(1, i / 24);
      pen.beginPath();
      pen.moveTo(...this.#points[i - 1]);
      pen.lineTo(...this.#points[i]);
      pen.stroke();
    }
  }
}
