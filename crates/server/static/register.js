// Making a passkey: on the security info page and in the sign-in interrupt.
import { CeremonyError, create, post, supported } from "./passkey.js";
import { hideProblem, showProblem } from "./problem.js";
import { signalUnknown } from "./signals.js";

const panel = document.querySelector("[data-passkey-register]");
const button = panel?.querySelector("[data-passkey-button]");
const busyNote = panel?.querySelector("[data-busy]");
// In the sign-in interrupt the name is asked for on the same page; the passkey works by then, whatever happens here.
const naming = document.querySelector("[data-naming]");

if (panel && !supported()) {
  panel.hidden = true;
  for (const note of document.querySelectorAll("[data-without-webauthn]")) note.hidden = false;
} else if (panel) {
  panel.hidden = false;
  button.addEventListener("click", register);
}

async function register(event) {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  hideProblem();
  setBusy(true);
  let made = null;
  try {
    const options = await post(panel.dataset.optionsUrl, panel.dataset.csrf, { ctx: panel.dataset.ctx });
    const { publicKey, ...sealed } = options;
    const credential = await create(publicKey);
    made = { id: credential.id, rpId: publicKey.rp.id };
    const answer = await post(panel.dataset.finishUrl, panel.dataset.csrf, {
      ctx: panel.dataset.ctx,
      ...sealed,
      credential,
    });
    if (answer.passkey && naming) askName(answer);
    else location.assign(answer.next);
  } catch (error) {
    failed(error instanceof CeremonyError ? error : new CeremonyError("failed"), made);
    setBusy(false);
  }
}

// The address to go on to may hold a code that an application must redeem within a minute.
const CODE_LIVES = 45_000;

function askName({ next, later, passkey }) {
  const made = performance.now();
  const goOn = () => location.assign(performance.now() - made < CODE_LIVES ? next : later);
  document.querySelector("[data-making]").hidden = true;
  document.querySelector('[data-step="make"]').className = "done";
  document.querySelector('[data-step="make"]').removeAttribute("aria-current");
  document.querySelector('[data-step="name"]').setAttribute("aria-current", "step");
  naming.hidden = false;
  naming.elements.name.value = passkey.name;
  naming.querySelector("[data-naming-heading]").focus();
  naming.addEventListener("submit", (event) => saveName(event, goOn, passkey.id));
}

async function saveName(event, goOn, passkey) {
  event.preventDefault();
  const note = naming.querySelector("[data-naming-problem]");
  note.hidden = true;
  try {
    await post(naming.dataset.nameUrl, naming.dataset.csrf, { passkey, name: naming.elements.name.value });
  } catch (error) {
    // Only a name that can be corrected keeps a person here; any other trouble must not stop the sign-in.
    if (error.problem?.code === "name_invalid") {
      note.textContent = error.problem.message;
      note.hidden = false;
      naming.elements.name.focus();
      return;
    }
  }
  goOn();
}

// The provider already keeps a passkey that the server has just refused. Without this it would be offered for ever
// and never work. Only a definite refusal may do it: after a lost connection the passkey may well have been accepted.
function failed(error, made) {
  if (error.kind === "refused" && made && error.problem?.signal?.kind === "unknownCredential") {
    signalUnknown(made.rpId, made.id);
  }
  showProblem(error);
}

function setBusy(busy) {
  button.setAttribute("aria-disabled", String(busy));
  if (busyNote) busyNote.hidden = !busy;
}
