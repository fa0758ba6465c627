/** Whether a key belongs to the browser or the system, as Ctrl and + do: pages leave it alone. */
export const isShortcut = ({ altKey, ctrlKey, metaKey }) => altKey || ctrlKey || metaKey;
