// Brings the picture that the network is to see; it shows nothing itself.

import { pictureBoard } from "./picture_board.js";

export default function picture({ data }) {
  const floats = (values) => Float32Array.from(values);
  const board = pictureBoard();
  board.picture = { ...data, seen: floats(data.seen), original: floats(data.original) };
  board.dispatchEvent(new Event("picture"));
}
