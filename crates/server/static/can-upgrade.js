// Tells the server, along with a one-time code, that this browser can make a passkey by itself after the sign-in. Asked of
// the browser's features, and not again for a day after a try: the person should not wait for a browser that says no.
import { capability } from "./passkey.js";

const KEY = "keyward.upgrade-tried";
const DAY = 86_400_000;

const field = document.querySelector("[data-can-upgrade]");
if (field && !triedLately() && (await capability("conditionalCreate"))) field.disabled = false;

/** Notes the time of a try: no person, and nothing that is sent anywhere. */
export function rememberTry() {
  try {
    localStorage.setItem(KEY, String(Date.now()));
  } catch {
    // Storage can be forbidden; then it is tried again next time.
  }
}

function triedLately() {
  try {
    const tried = Number(localStorage.getItem(KEY));
    return tried > 0 && Date.now() - tried < DAY;
  } catch {
    return false;
  }
}
