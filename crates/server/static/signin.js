// Signing in with a passkey: from the browser's autofill list, and by the button.
import { CeremonyError, assert, capability, post, supported } from "./passkey.js";
import { hideProblem, showProblem } from "./problem.js";
import { signalUnknown } from "./signals.js";
import { rememberMethod } from "./last-method.js";

const panel = document.querySelector("[data-passkey-signin]");
const button = panel?.querySelector("[data-passkey-button]");

// Autofill may wait for hours while its challenge lives for minutes: it is renewed a little earlier, on a visible page.
const RENEW_AT = 0.8;
let waiting = null;
let finishing = false;

if (panel && !supported()) {
  panel.hidden = true;
  for (const note of document.querySelectorAll("[data-without-webauthn]")) note.hidden = false;
} else if (panel) {
  panel.hidden = false;
  button.addEventListener("click", byButton);
  if (panel.dataset.autofill === "true" && (await capability("conditionalGet"))) offerAutofill();
}

async function offerAutofill() {
  const attempt = { abort: new AbortController(), settled: null };
  waiting = attempt;
  attempt.settled = autofill(attempt).catch((error) => {
    if (waiting === attempt) waiting = null;
    // Autofill was never asked for: it stays silent unless a chosen passkey was refused.
    if (error.kind === "refused" && attempt.chosen) refused(error, attempt.chosen);
  });
}

async function autofill(attempt) {
  const options = await post(panel.dataset.optionsUrl, panel.dataset.csrf, context());
  if (attempt.abort.signal.aborted) return;
  renewLater(attempt, options.publicKey.timeout ?? 300_000);
  const credential = await assert(options.publicKey, { mediation: "conditional", signal: attempt.abort.signal });
  attempt.chosen = { id: credential.id, rpId: options.publicKey.rpId };
  await finish(options, credential);
}

function renewLater(attempt, lifetime) {
  setTimeout(() => {
    if (document.visibilityState === "visible") return renew(attempt);
    document.addEventListener("visibilitychange", () => renew(attempt), { once: true });
  }, lifetime * RENEW_AT);
}

async function renew(attempt) {
  if (waiting !== attempt || finishing || attempt.chosen) return;
  await stopAutofill();
  offerAutofill();
}

// A browser allows one request at a time: the button must wait until the autofill request has really ended.
async function stopAutofill() {
  const attempt = waiting;
  waiting = null;
  attempt?.abort.abort();
  await attempt?.settled;
}

async function byButton(event) {
  event.preventDefault();
  if (finishing || button.getAttribute("aria-disabled") === "true") return;
  hideProblem();
  setBusy(true);
  let chosen = null;
  try {
    await stopAutofill();
    const options = await post(panel.dataset.optionsUrl, panel.dataset.csrf, context());
    const credential = await assert(options.publicKey);
    chosen = { id: credential.id, rpId: options.publicKey.rpId };
    await finish(options, credential);
  } catch (error) {
    refused(error, chosen);
    if (panel.dataset.autofill === "true" && (await capability("conditionalGet"))) offerAutofill();
  } finally {
    setBusy(finishing);
  }
}

async function finish(options, credential) {
  finishing = true;
  try {
    const { publicKey, ...sealed } = options;
    const body = { ...context(), ...sealed, credential, keep: keep() };
    const answer = await post(panel.dataset.finishUrl, panel.dataset.csrf, body);
    rememberMethod("passkey");
    location.assign(answer.next);
  } catch (error) {
    finishing = false;
    throw error;
  }
}

function refused(error, chosen) {
  const known = error instanceof CeremonyError ? error : new CeremonyError("failed");
  if (known.kind === "aborted") return;
  if (known.problem?.signal?.kind === "unknownCredential" && chosen) signalUnknown(chosen.rpId, chosen.id);
  showProblem(known);
}

function context() {
  return { ctx: panel.dataset.ctx };
}

// Read when the answer is sent: whoever chooses a passkey from autofill may have ticked the box before.
function keep() {
  const box = document.querySelector("input[type=checkbox][name=keep]");
  return box ? box.checked : panel.dataset.keep === "true";
}

function setBusy(busy) {
  button.setAttribute("aria-disabled", String(busy));
}
