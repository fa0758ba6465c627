/**
 * Copy a text. Without https there is no clipboard to write to, and a site that shows the page within
 * its own may forbid it: then the text is selected and copied as by hand.
 *
 * @param {string} text
 * @param {Node} root  where a field may stand for a moment
 */
export async function copy(text, root) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    root.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}
