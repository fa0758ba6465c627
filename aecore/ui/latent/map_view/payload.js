// What the server sent: a header in JSON and sections of bytes behind it (see payload.py).

export function unpack(bytes) {
  const own = bytes.slice(); // a copy of its own starts where typed arrays may start
  const headerLength = new DataView(own.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(own.subarray(4, 4 + headerLength)));
  const start = 4 + headerLength;
  const section = (name, Type = Uint8Array) => {
    const [offset, length] = header.sections[name];
    return new Type(own.buffer, start + offset, length / Type.BYTES_PER_ELEMENT);
  };
  return { header, section };
}

// Places come as 16-bit fractions of a box [left, bottom, right, top].
export function placesIn(box, fractions) {
  const places = new Float32Array(fractions.length);
  const [left, bottom, right, top] = box;
  for (let i = 0; i < fractions.length; i += 2) {
    places[i] = left + (fractions[i] / 65535) * (right - left);
    places[i + 1] = bottom + (fractions[i + 1] / 65535) * (top - bottom);
  }
  return places;
}

export async function pictureOf(webp) {
  const bitmap = await createImageBitmap(new Blob([webp], { type: "image/webp" }), {
    colorSpaceConversion: "none",
  });
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}

export function greyOf(canvas) {
  const { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i += 1) grey[i] = pixels[4 * i];
  return grey;
}

// The digits themselves: 100 in a row of one picture.
export class Atlas {
  constructor(canvas) {
    this.canvas = canvas;
    this.columns = canvas.width / 28;
  }

  corner(index) {
    return [28 * (index % this.columns), 28 * Math.floor(index / this.columns)];
  }

  grey(index) {
    const [left, top] = this.corner(index);
    const { data } = this.canvas.getContext("2d").getImageData(left, top, 28, 28);
    return Uint8ClampedArray.from({ length: 784 }, (_, i) => data[4 * i]);
  }

  // All digits behind each other, 784 grey values each.
  get digits() {
    if (!this.unrolled) {
      const { width } = this.canvas;
      const grey = greyOf(this.canvas);
      this.unrolled = new Uint8Array(grey.length);
      for (let index = 0, to = 0; to < grey.length; index += 1) {
        const [left, top] = this.corner(index);
        for (let line = top; line < top + 28; line += 1, to += 28) {
          this.unrolled.set(grey.subarray(line * width + left, line * width + left + 28), to);
        }
      }
    }
    return this.unrolled;
  }
}
