// A text that may be copied: a field that holds it, and a button.

import { copy } from "../clipboard.js";

/** @param {{data: {name: string, text: string, copy: string, copied: string}}} given */
export default function copyField({ data, parentElement }) {
  const [field, button] = ["input", "button"].map((tag) => parentElement.querySelector(tag));
  field.value = data.text;
  field.setAttribute("aria-label", data.name);
  button.firstElementChild.textContent = data.copy;
  field.onfocus = () => field.select();
  button.onclick = async () => {
    await copy(data.text, parentElement);
    button.focus();
    button.firstElementChild.textContent = data.copied;
  };
}
