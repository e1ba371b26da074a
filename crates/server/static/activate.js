// Activating a passkey that somebody else registered: its owner shows it once.
import { CeremonyError, assert, post, supported } from "./passkey.js";
import { hideProblem, showProblem } from "./problem.js";

const panel = document.querySelector("[data-passkey-activate]");
const button = panel?.querySelector("[data-passkey-button]");
const busyNote = panel?.querySelector("[data-busy]");

if (panel && !supported()) {
  for (const note of document.querySelectorAll("[data-without-webauthn]")) note.hidden = false;
} else if (panel) {
  panel.hidden = false;
  button.addEventListener("click", activate);
}

async function activate(event) {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  hideProblem();
  setBusy(true);
  try {
    const { publicKey } = await post(panel.dataset.optionsUrl, panel.dataset.csrf, {});
    const credential = await assert(publicKey);
    const answer = await post(panel.dataset.finishUrl, panel.dataset.csrf, { credential });
    location.assign(answer.next);
  } catch (error) {
    showProblem(error instanceof CeremonyError ? error : new CeremonyError("failed"));
    setBusy(false);
  }
}

function setBusy(busy) {
  button.setAttribute("aria-disabled", String(busy));
  if (busyNote) busyNote.hidden = !busy;
}
