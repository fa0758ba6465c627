/**
 * Copy a text. Without https there is no clipboard to write to: then the text is selected and
 * copied as by hand.
 *
 * @param {string} text
 * @param {Node} root  where a field may stand for a moment
 */
export async function copy(text, root) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  root.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
