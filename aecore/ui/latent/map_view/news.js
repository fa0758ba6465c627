// Carries what changes often (the visitor's drawing, new epochs) to the maps on the page, so that
// their pictures need not be sent again. It shows nothing itself.

import { newsBoard } from "./news_board.js";
import { unpack } from "./payload.js";

export default function latentNews({ data }) {
  const message = data instanceof Uint8Array ? unpack(data) : data;
  const topic = message?.header ? "film" : "star";
  const item = { topic, message };
  const news = newsBoard();
  news.kept.set(topic + (message?.header?.part ?? ""), item);
  news.dispatchEvent(new CustomEvent("news", { detail: item }));
  return () => {
    news.kept.delete(topic + (message?.header?.part ?? ""));
  };
}
