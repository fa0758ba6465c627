// A page that has lost the server asks for itself anew when there is one again, unless it runs anyway.

const OWN_DIALOG = ".stDialog .stVerticalBlock"; // the one about the lost connection holds no blocks

// ms: when something was touched meanwhile, Streamlit asks by itself. Asked a second time before it
// has answered, the server would go back to what the address was.
const PATIENCE = 1000;

const is = (state) => document.querySelector(`.stApp[data-test-${state}]`) !== null;

export default function reconnection({ setTriggerValue }) {
  let isOwed = false;
  let asking;
  const ask = () => {
    // A dialog goes when the page runs anew; the code that a class reads from the wall shall not.
    if (document.querySelector(OWN_DIALOG)) asking = setTimeout(ask, PATIENCE);
    else setTriggerValue("returned", true);
  };
  const observer = new MutationObserver(() => {
    if (!is('connection-state="CONNECTED"')) isOwed = true;
    else if (isOwed) {
      isOwed = false;
      clearTimeout(asking);
      asking = setTimeout(ask, PATIENCE);
    } else if (!is('script-state="notRunning"')) clearTimeout(asking);
  });
  observer.observe(document.body, {
    subtree: true, childList: true, attributes: true,
    attributeFilter: ["data-test-connection-state", "data-test-script-state"],
  });
  return () => {
    observer.disconnect();
    clearTimeout(asking);
  };
}
