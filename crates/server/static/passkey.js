// The browser's side of a WebAuthn ceremony. Knows no page: takes addresses and JSON, gives JSON or an error.

/** A sentence for the person comes with it; `kind` tells the page which of its own texts to show when there is none. */
export class CeremonyError extends Error {
  constructor(kind, problem = null) {
    super(kind);
    this.name = "CeremonyError";
    this.kind = kind;
    this.problem = problem;
  }
}

/** Asked of the browser's features, never of its name: an embedded view may carry any name and lack all of this. */
export function supported() {
  return Boolean(window.isSecureContext && window.PublicKeyCredential && navigator.credentials?.get);
}

/** One capability by its Level 3 name; older browsers answer by the two functions that came before the list. */
export async function capability(name) {
  if (!supported()) return false;
  try {
    const all = await PublicKeyCredential.getClientCapabilities?.();
    if (all && name in all) return all[name] === true;
    if (name === "conditionalGet") {
      return (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;
    }
    if (name === "userVerifyingPlatformAuthenticator") {
      return (await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.()) === true;
    }
  } catch {
    // A browser that throws here has no answer; treated as "no", the other ways stay open.
  }
  return false;
}

/** Posts JSON to our own origin. Throws CeremonyError "network" or "refused" (with the server's problem). */
export async function post(url, csrf, body) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      redirect: "error",
      headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": csrf },
      body: JSON.stringify(body),
    });
  } catch {
    throw new CeremonyError("network");
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new CeremonyError("refused", answer ?? { code: `http_${response.status}` });
  if (answer === null) throw new CeremonyError("network");
  return answer;
}

/** navigator.credentials.get from and to the JSON forms of WebAuthn Level 3. */
export async function assert(publicKey, { mediation, signal } = {}) {
  const credential = await asking(() =>
    navigator.credentials.get({ publicKey: requestOptions(publicKey), mediation, signal }),
  );
  return toJson(credential);
}

/** navigator.credentials.create from and to the JSON forms of WebAuthn Level 3. */
export async function create(publicKey, { mediation, signal } = {}) {
  const credential = await asking(() =>
    navigator.credentials.create({ publicKey: creationOptions(publicKey), mediation, signal }),
  );
  return toJson(credential);
}

async function asking(call) {
  let credential;
  try {
    credential = await call();
  } catch (error) {
    throw new CeremonyError(KINDS[error?.name] ?? "failed");
  }
  if (!credential) throw new CeremonyError("cancelled");
  return credential;
}

// NotAllowedError means cancelled, timed out, or no passkey found: a browser will not say which, to protect privacy.
const KINDS = {
  AbortError: "aborted",
  NotAllowedError: "cancelled",
  InvalidStateError: "already-registered",
  SecurityError: "wrong-address",
  NotSupportedError: "unsupported-key",
  ConstraintError: "unsupported-key",
};

function requestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) {
    return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  }
  return { ...json, challenge: bytes(json.challenge), allowCredentials: descriptors(json.allowCredentials) };
}

function creationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) {
    return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  }
  return {
    ...json,
    challenge: bytes(json.challenge),
    user: { ...json.user, id: bytes(json.user.id) },
    excludeCredentials: descriptors(json.excludeCredentials),
  };
}

function descriptors(list) {
  return list?.map((one) => ({ ...one, id: bytes(one.id) }));
}

// Some password managers replace the credential by an object of their own whose toJSON is missing or throws.
function toJson(credential) {
  try {
    if (typeof credential.toJSON === "function") return credential.toJSON();
  } catch {
    // falls through to the same members, read one by one
  }
  const { response } = credential;
  const common = {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: plain(credential.getClientExtensionResults?.() ?? {}),
  };
  const clientDataJSON = text(response.clientDataJSON);
  if (response.attestationObject) {
    return {
      ...common,
      response: {
        clientDataJSON,
        attestationObject: text(response.attestationObject),
        transports: response.getTransports?.() ?? [],
      },
    };
  }
  return {
    ...common,
    response: {
      clientDataJSON,
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : undefined,
    },
  };
}

function plain(value) {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return text(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
}

function bytes(base64url) {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const view = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
  let binary = "";
  for (const byte of view) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
