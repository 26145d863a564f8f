// A canvas that is as large as its place and as sharp as the screen.

export class Stage {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.width = 0;
    this.height = 0;
    new ResizeObserver(() => {
      this.fit();
      changed();
    }).observe(canvas.parentElement);
    this.fit();
  }

  fit() {
    const box = this.canvas.parentElement.getBoundingClientRect();
    const style = getComputedStyle(this.canvas.parentElement);
    const sharp = Math.min(devicePixelRatio || 1, 2);
    this.width = Math.max(50, box.width - parseFloat(style.paddingLeft || 0) * 2);
    this.height = Math.max(10, box.height);
    this.canvas.width = Math.round(this.width * sharp);
    this.canvas.height = Math.round(this.height * sharp);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.context.setTransform(sharp, 0, 0, sharp, 0, 0);
  }

  clear() {
    this.context.clearRect(0, 0, this.width, this.height);
  }

  // Where an event of the pointer is.
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }
}
