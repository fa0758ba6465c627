// Numbers that the server sends as text.

/** The bytes of a text in Base64. */
export const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
