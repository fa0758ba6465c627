// Which part of a map is on screen: a centre, and how many pixels one unit of the code takes.
// Both directions have the same scale, so that near on screen is near in code.

export class View {
  constructor(box, home) {
    Object.assign(this, { box, home, width: 1, height: 1, x: 0, y: 0, scale: 1 });
  }

  resize(width, height) {
    const wasHome = this.isHome();
    [this.width, this.height] = [width, height];
    if (wasHome) this.show(this.home);
  }

  isHome() {
    return !this.shown || (this.x === this.shown.x && this.y === this.shown.y
      && this.scale === this.shown.scale);
  }

  fitting([left, bottom, right, top]) {
    const scale = Math.min(this.width / (right - left), this.height / (top - bottom));
    return { x: (left + right) / 2, y: (bottom + top) / 2, scale };
  }

  show(box) {
    this.shown = this.fitting(box);
    Object.assign(this, this.shown);
  }

  get leastScale() {
    return 0.9 * Math.min(this.fitting(this.box).scale, this.fitting(this.home).scale);
  }

  toScreen(x, y) {
    return [this.width / 2 + (x - this.x) * this.scale, this.height / 2 - (y - this.y) * this.scale];
  }

  toMap(left, top) {
    return [this.x + (left - this.width / 2) / this.scale, this.y - (top - this.height / 2) / this.scale];
  }

  pan(right, down) {
    this.x -= right / this.scale;
    this.y += down / this.scale;
    const [left, bottom, rightmost, topmost] = this.box;
    this.x = Math.min(Math.max(this.x, left), rightmost);
    this.y = Math.min(Math.max(this.y, bottom), topmost);
  }

  // Zoom so that the place under (left, top) stays there; says whether anything changed.
  zoom(factor, left = this.width / 2, top = this.height / 2) {
    const most = 400 * this.fitting(this.home).scale;
    const scale = Math.min(Math.max(this.scale * factor, this.leastScale), most);
    if (Math.abs(scale / this.scale - 1) < 1e-6) return false;
    const [x, y] = this.toMap(left, top);
    this.scale = scale;
    this.x = x - (left - this.width / 2) / scale;
    this.y = y + (top - this.height / 2) / scale;
    return true;
  }
}
