// Making a passkey: on the security info page and in the sign-in interrupt.
import { CeremonyError, capability, create, post, supported } from "./passkey.js";
import { hideProblem, showProblem } from "./problem.js";
import { takeBack } from "./signals.js";

const panel = document.querySelector("[data-passkey-register]");
const button = panel?.querySelector("[data-passkey-button]");
const busyNote = panel?.querySelector("[data-busy]");
// In the sign-in interrupt the name is asked for on the same page; the passkey works by then, whatever happens here.
const naming = document.querySelector("[data-naming]");
// What the prompt of a campaign is told of an error. Leaving it after one does not count as skipping.
const TROUBLES = {
  cancelled: "cancelled",
  aborted: "cancelled",
  "already-registered": "alreadyThere",
  "unsupported-key": "unsupported",
  network: "network",
  refused: "refused",
};

// The request with which the browser may make a passkey by itself, while the page waits for the person.
let silent = null;

if (panel && !supported()) {
  panel.hidden = true;
  offerWayOn("unsupported");
  for (const note of document.querySelectorAll("[data-without-webauthn]")) note.hidden = false;
} else if (panel) {
  panel.hidden = false;
  button.addEventListener("click", register);
  if (panel.dataset.silent === "true" && (await capability("conditionalCreate"))) offerSilently();
}

function offerSilently() {
  const attempt = { abort: new AbortController(), made: null, done: false, settled: null };
  silent = attempt;
  // It was never asked for, so it says nothing when it fails; a passkey that the server refused is taken back.
  attempt.settled = makeSilently(attempt).catch((error) => {
    silent = null;
    takeBack(error, attempt.made);
  });
}

async function makeSilently(attempt) {
  const wish = { ctx: panel.dataset.ctx, silent: true };
  const { publicKey } = await post(panel.dataset.optionsUrl, panel.dataset.csrf, wish);
  if (attempt.abort.signal.aborted) throw new CeremonyError("aborted");
  const credential = await create(publicKey, { mediation: "conditional", signal: attempt.abort.signal });
  attempt.made = { id: credential.id, rpId: publicKey.rp.id };
  setBusy(true);
  try {
    const answer = await post(panel.dataset.finishUrl, panel.dataset.csrf, { ...wish, credential });
    attempt.done = true;
    askName(answer, true);
  } finally {
    setBusy(false);
  }
}

// A browser allows one request at a time: the button must wait until the silent one has really ended. True if that one was
// faster than the person.
async function stopSilent() {
  const attempt = silent;
  silent = null;
  attempt?.abort.abort();
  await attempt?.settled;
  return attempt?.done ?? false;
}

async function register(event) {
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  hideProblem();
  setBusy(true);
  let made = null;
  try {
    if (await stopSilent()) return;
    const options = await post(panel.dataset.optionsUrl, panel.dataset.csrf, { ctx: panel.dataset.ctx });
    const { publicKey, ...sealed } = options;
    const credential = await create(publicKey);
    made = { id: credential.id, rpId: publicKey.rp.id };
    const answer = await post(panel.dataset.finishUrl, panel.dataset.csrf, {
      ctx: panel.dataset.ctx,
      ...sealed,
      credential,
    });
    if (answer.passkey && naming) askName(answer, false);
    else location.assign(answer.next);
  } catch (error) {
    failed(error instanceof CeremonyError ? error : new CeremonyError("failed"), made);
    setBusy(false);
  }
}

// The address to go on to may hold a code that an application must redeem within a minute.
const CODE_LIVES = 45_000;

function askName({ next, later, passkey }, silently) {
  naming.querySelector("[data-naming-asked]").hidden = silently;
  naming.querySelector("[data-naming-silent]").hidden = !silently;
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

function failed(error, made) {
  takeBack(error, made);
  showProblem(error);
  offerWayOn(TROUBLES[error.kind] ?? "other");
}

function offerWayOn(trouble) {
  const form = document.querySelector("[data-after-error]");
  if (!form) return;
  form.elements.trouble.value = trouble;
  form.hidden = false;
  const skip = document.querySelector("[data-skip]");
  if (skip) skip.hidden = true;
}

function setBusy(busy) {
  button.setAttribute("aria-disabled", String(busy));
  if (busyNote) busyNote.hidden = !busy;
}
