// A security key in a program: one P-256 key and the two answers of a WebAuthn authenticator (WebAuthn Level 3, sections 6.1 and 6.5).

import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";

const UP = 0x01;
const UV = 0x04;
const AT = 0x40;

export class SoftwareKey {
  #private;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#private = privateKey;
    this.id = randomBytes(16);
    const { x, y } = publicKey.export({ format: "jwk" });
    // COSE_Key: kty EC2, alg ES256, crv P-256, x, y (RFC 9053 section 7.1.1).
    this.cose = Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]),
      Buffer.from(x, "base64url"),
      Buffer.from([0x22, 0x58, 0x20]),
      Buffer.from(y, "base64url"),
    ]);
  }

  /** PublicKeyCredential as Graph takes it, without attestation. The challenge is copied as it stands. */
  create({ challenge, rp }) {
    this.rpId = rp.id;
    const clientData = { type: "webauthn.create", challenge, origin: `https://${rp.id}`, crossOrigin: false };
    const length = Buffer.from([0, this.id.length]);
    const authData = Buffer.concat([sha256(rp.id), Buffer.from([UP | UV | AT]), Buffer.alloc(4), Buffer.alloc(16), length, this.id, this.cose]);
    const attestation = Buffer.concat([
      // {"fmt": "none", "attStmt": {}, "authData": …}
      Buffer.from([0xa3, 0x63, ...Buffer.from("fmt"), 0x64, ...Buffer.from("none"), 0x67, ...Buffer.from("attStmt"), 0xa0]),
      Buffer.from([0x68, ...Buffer.from("authData"), 0x58, authData.length]),
      authData,
    ]);
    return {
      id: this.id.toString("base64url"),
      response: {
        clientDataJSON: Buffer.from(JSON.stringify(clientData)).toString("base64url"),
        attestationObject: attestation.toString("base64url"),
      },
    };
  }

  /** What Chromium's virtual authenticator takes (WebAuthn.Credential of the DevTools protocol). */
  forChromium(userHandle) {
    return {
      credentialId: this.id.toString("base64"),
      isResidentCredential: true,
      rpId: this.rpId,
      privateKey: this.#private.export({ format: "der", type: "pkcs8" }).toString("base64"),
      userHandle: Buffer.from(userHandle, "base64url").toString("base64"),
      signCount: 0,
    };
  }
}

function sha256(text) {
  return createHash("sha256").update(text).digest();
}
