// After a sign-in with password and code the browser may make a passkey by itself (conditional create). Nobody is asked and
// nobody waits for long: whatever happens here, the page goes on to where the sign-in leads.
import { capability, create, post } from "./passkey.js";
import { takeBack } from "./signals.js";
import { rememberTry } from "./can-upgrade.js";

const panel = document.querySelector("[data-upgrade]");
const link = panel?.querySelector("a");

// Browsers that do it need a second or two, or say no at once. One that says nothing is given up first, then not waited for.
const GIVE_UP = 4_000;
const GO_ON = 6_000;

if (panel) {
  rememberTry();
  const giveUp = new AbortController();
  setTimeout(() => giveUp.abort(), GIVE_UP);
  const enough = new Promise((resolve) => setTimeout(resolve, GO_ON));
  await Promise.race([upgrade(giveUp.signal), enough]);
  // A person who comes back by the browser's button should not come back to this page.
  location.replace(link.href);
}

async function upgrade(signal) {
  let made = null;
  try {
    if (!(await capability("conditionalCreate"))) return;
    const { publicKey } = await post(panel.dataset.optionsUrl, panel.dataset.csrf, { to: panel.dataset.to });
    const credential = await create(publicKey, { mediation: "conditional", signal });
    made = { id: credential.id, rpId: publicKey.rp.id };
    await post(panel.dataset.finishUrl, panel.dataset.csrf, { to: panel.dataset.to, credential });
  } catch (error) {
    await takeBack(error, made);
  }
}
