// WebAuthn Signal API: the passkey provider is told what this server knows, so that no orphan stays behind.
// Best effort by nature: a provider may ignore it, a browser may lack it, and the page works the same without.

/** The server does not know this passkey (deleted here, or refused right after it was made). */
export async function signalUnknown(rpId, credentialId) {
  await quietly("signalUnknownCredential", { rpId, credentialId });
}

/**
 * Takes a passkey back that the server has just refused. Only if the server says that it does not know it: after a lost
 * connection or a repeated answer it may well have been accepted.
 */
export async function takeBack(error, made) {
  if (made && error.kind === "refused" && error.problem?.signal?.kind === "unknownCredential") {
    await signalUnknown(made.rpId, made.id);
  }
}

/** The complete list for this account: a provider removes what is not in it. */
export async function signalAccepted(rpId, userId, allAcceptedCredentialIds) {
  await quietly("signalAllAcceptedCredentials", { rpId, userId, allAcceptedCredentialIds });
}

/** The names that a provider shows beside the passkey. */
export async function signalDetails(rpId, userId, name, displayName) {
  await quietly("signalCurrentUserDetails", { rpId, userId, name, displayName });
}

async function quietly(method, options) {
  try {
    await window.PublicKeyCredential?.[method]?.(options);
  } catch {
    // Nothing depends on it, and a person can do nothing about it.
  }
}

// A page that lists all passkeys of the signed-in person carries the list; only such a page may, because a list that
// lacks one would make the provider drop a passkey that still works.
const account = document.querySelector("[data-signal-user-id]");
if (account) {
  const { signalRpId, signalUserId, signalCredentialIds, signalName, signalDisplayName } = account.dataset;
  const ids = signalCredentialIds.split(" ").filter((id) => id !== "");
  await signalAccepted(signalRpId, signalUserId, ids);
  await signalDetails(signalRpId, signalUserId, signalName, signalDisplayName);
}

// The passkey of the session itself was deleted: there is no list to show any more, so only this one is named.
const gone = document.querySelector("[data-signal-unknown]");
if (gone) await signalUnknown(gone.dataset.signalRpId, gone.dataset.signalUnknown);
