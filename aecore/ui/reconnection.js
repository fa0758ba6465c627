// A page that has lost the server asks for itself anew as soon as there is one again.

const OWN_DIALOG = ".stDialog .stVerticalBlock"; // the one about the lost connection holds no blocks

const isConnected = () => document.querySelector('.stApp[data-test-connection-state="CONNECTED"]') !== null;

export default function reconnection({ setTriggerValue }) {
  let isOwed = false;
  const observer = new MutationObserver(() => {
    isOwed ||= !isConnected();
    // A dialog goes when the page runs anew; the code that a class reads from the wall shall not.
    if (!isOwed || !isConnected() || document.querySelector(OWN_DIALOG)) return;
    isOwed = false;
    setTriggerValue("returned", true);
  });
  observer.observe(document.body, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-test-connection-state"],
  });
  return () => observer.disconnect();
}
